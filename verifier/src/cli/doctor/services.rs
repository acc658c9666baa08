//! What the verifier reads or connects to besides its store.

use super::{
    super::start::{cvc_holder, ip_countries, risk_files, shared_counts},
    check::Check,
    report::Report,
};
use crate::{assets::Assets, config::Config};

pub(super) async fn look(report: &mut Report, config: &Config) {
    match cvc_holder(config).await {
        Ok(holder) => report.pass(Check::CvcHolder, holder.place()),
        Err(error) => report.fail(Check::CvcHolder, error.to_string()),
    }
    let counts = shared_counts(config).await;
    match counts.map(|counts| counts.map(|counts| (counts.address().to_owned(), counts.problem())))
    {
        Ok(None) => report.pass(Check::Limits, "counted in this process's memory"),
        Ok(Some((address, None))) => {
            report.pass(Check::Limits, format!("counted in Valkey at {address}"));
        }
        Ok(Some((_, Some(problem)))) => report.fail(Check::Limits, problem.to_string()),
        Err(error) => report.fail(Check::Limits, error.to_string()),
    }
    match Assets::load(&config.assets.dir) {
        Ok(_) => report.pass(Check::Assets, config.assets.dir.display().to_string()),
        Err(error) => report.fail(Check::Assets, error),
    }
    if let Err(error) = risk_files(config) {
        report.fail(Check::IpCountries, error.to_string());
    }
    match (&config.geo.ip_country_db, ip_countries(config)) {
        (_, Err(error)) => report.fail(Check::IpCountries, error.to_string()),
        (None, Ok(_)) => report.warn(
            Check::IpCountries,
            "geo.ip_country_db is not set: all unknown",
        ),
        (Some(path), Ok(_)) => report.pass(Check::IpCountries, path.display().to_string()),
    }
}
