//! The configuration: one TOML file, every option of which an environment variable may override.
//!
//! `[section] option = …` is overridden by `WAXSEAL_VERIFIER__SECTION__OPTION`. An unknown section or
//! option, in the file or in the environment, refuses to start. No option holds a secret but `cvc.url` and
//! `limits.url`, which may have a password: keys are in the key file and in the store.

mod alerts;
mod audit;
mod challenge;
mod cvc;
mod digest;
mod identity_providers;
mod keys;
mod limits;
mod listen;
mod outbound;
mod overrides;
mod reference;
mod retention;
mod risk;
mod signals;
mod store;
mod telemetry;
mod template;
mod tls;
mod valkey_url;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use listen::EncryptedListeners;
use schemars::JsonSchema;
use serde::Deserialize;

pub use alerts::Alerts;
pub use audit::{Audit, Export, ExportFormat, ExportTo};
pub use challenge::Challenge;
pub use cvc::Cvc;
pub use identity_providers::IdentityProvider;
pub use keys::{Keys, Pkcs11};
pub use limits::Limits;
pub use listen::{Listen, ProxyHeader, parse_origin};
pub use outbound::Outbound;
pub use reference::reference;
pub use retention::Retention;
pub use risk::{RateError, Risk, UsdRates};
pub use signals::Signals;
pub use store::{DatabaseUrl, StoreConfig};
pub use telemetry::Telemetry;
pub use template::initial_file;
pub use tls::{ClientCertificates, Tls};
pub use valkey_url::ValkeyUrl;

/// The erase ledger beside a configuration that names none.
const ERASE_LEDGER: &str = "waxseal.erased";

/// The whole configuration.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen, and under which origin browsers see the public listener.
    pub listen: Listen,
    /// Certificates of the public listener.
    pub tls_public: Option<Tls>,
    /// Certificates of the console's listener.
    pub tls_console: Option<Tls>,
    /// Certificates of the private listener.
    pub tls_private: Option<Tls>,
    /// Bounds on what a caller may send, and how often.
    #[serde(default)]
    pub limits: Limits,
    /// Where the data lies.
    pub store: StoreConfig,
    /// Where the key that wraps all others lies.
    pub keys: Keys,
    /// Where the verifier may call out to.
    #[serde(default)]
    pub outbound: Outbound,
    /// Where CVCs wait for their authorisation.
    #[serde(default)]
    pub cvc: Cvc,
    /// What the browser loads.
    pub assets: Assets,
    /// Where countries are looked up.
    #[serde(default)]
    pub geo: Geo,
    /// How long what nothing asks for any more is kept.
    #[serde(default)]
    pub retention: Retention,
    /// Signed roots over the audit.
    #[serde(default)]
    pub audit: Audit,
    /// What the risk rules read.
    #[serde(default)]
    pub risk: Risk,
    /// Who checks a captcha or a proof of work.
    #[serde(default)]
    pub challenge: Challenge,
    /// What the card form collects of the customer's device.
    #[serde(default)]
    pub signals: Signals,
    /// When somebody is told of what.
    #[serde(default)]
    pub alerts: Alerts,
    /// Of what was given, without passwords.
    #[serde(skip)]
    pub digest: [u8; 32],
    /// The same of each section.
    #[serde(skip)]
    pub section_digests: BTreeMap<String, [u8; 32]>,
    /// Issuers of OpenID Connect at which people may sign in, each its own `[[identity_providers]]`.
    #[serde(default)]
    pub identity_providers: Vec<IdentityProvider>,
    /// Where traces are sent to; nowhere, if nothing is given.
    #[serde(default)]
    pub telemetry: Telemetry,
}

/// `[assets]`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assets {
    /// The SDK's build output: frame, module, wasm, loader, manifest.json.
    pub dir: PathBuf,
    /// Further wasm builds (`bld`, base64url) that are no anomaly, such as the previous release's.
    #[serde(default)]
    pub allowed_builds: Vec<String>,
}

/// `[geo]`
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Geo {
    /// MaxMind DB file from IP address to country; without it every IP country is unknown.
    pub ip_country_db: Option<PathBuf>,
    /// List of networks of one's own, asked first: a line each `CIDR,COUNTRY` or
    /// `CIDR,COUNTRY,LATITUDE,LONGITUDE`.
    pub networks_file: Option<PathBuf>,
    /// List of hosting providers' networks: one at the beginning of each line. Read again when it has changed.
    pub hosting_file: Option<PathBuf>,
    /// The same of proxies, VPNs and Tor.
    pub anonymizer_file: Option<PathBuf>,
}

/// A configuration that cannot be used, in one line that says what to do.
#[derive(Debug)]
pub struct ConfigError(String);

impl ConfigError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the file at `path` and the process's environment.
    ///
    /// # Errors
    /// When the file cannot be read, or either holds something that is not an option.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            ConfigError::new(format!(
                "cannot read the configuration {}: {error} (make one with `verifier init`)",
                path.display()
            ))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, overrides::of_process()?.into_iter(), folder)
            .map_err(|error| ConfigError::new(format!("{}: {error}", path.display())))
    }

    /// Reads `text` and the overrides among `environment`; relative paths count from `folder`.
    ///
    /// # Errors
    /// When either holds something that is not an option.
    pub fn parse(
        text: &str,
        environment: impl Iterator<Item = (String, String)>,
        folder: &Path,
    ) -> Result<Self, ConfigError> {
        let mut table: toml::Table = text.parse().map_err(|error| not_toml(text, &error))?;
        overrides::apply(&mut table, environment)?;
        let (digest, section_digests) = (digest::of(&table), digest::of_sections(&table));
        let mut config: Self = table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::new(in_one_line(&error.to_string())))?;
        config.digest = digest;
        config.section_digests = section_digests;
        if config.store.path.is_some() {
            let ledger = &mut config.retention.erase_ledger;
            ledger.get_or_insert_with(|| PathBuf::from(ERASE_LEDGER));
        }
        config.anchor_paths(folder);
        config.check()?;
        Ok(config)
    }

    /// The file that is told what was erased.
    ///
    /// # Errors
    /// When the database is on a server and none is given.
    pub fn erase_ledger(&self) -> Result<&Path, ConfigError> {
        let ledger = self.retention.erase_ledger.as_deref();
        ledger.ok_or_else(|| {
            ConfigError::new(
                "retention.erase_ledger: with store.url, give a file on a disk that all verifiers share",
            )
        })
    }

    fn anchor_paths(&mut self, folder: &Path) {
        let pkcs11 = self.keys.pkcs11.as_mut();
        let optional = [
            self.alerts.webhook_secret_file.as_mut(),
            self.audit.roots_file.as_mut(),
            self.challenge.secret_file.as_mut(),
            self.audit
                .export
                .as_mut()
                .and_then(|export| export.file.as_mut()),
            self.geo.ip_country_db.as_mut(),
            self.geo.networks_file.as_mut(),
            self.geo.hosting_file.as_mut(),
            self.geo.anonymizer_file.as_mut(),
            self.risk.bin_table.as_mut(),
            self.keys.file.as_mut(),
            self.outbound.ca_file.as_mut(),
            self.retention.erase_ledger.as_mut(),
            self.store.ca_file.as_mut(),
            self.store.path.as_mut(),
            pkcs11.map(|pkcs11| &mut pkcs11.pin_file),
        ];
        let tls = [
            self.tls_public.as_mut(),
            self.tls_console.as_mut(),
            self.tls_private.as_mut(),
        ];
        let tls = tls.into_iter().flatten().flat_map(Tls::paths);
        let providers = self.identity_providers.iter_mut();
        let secrets = providers.map(|provider| &mut provider.client_secret_file);
        let paths = [&mut self.assets.dir].into_iter().chain(tls).chain(secrets);
        for path in paths.chain(optional.into_iter().flatten()) {
            *path = folder.join(&*path);
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        for (section, tls) in [
            ("tls_public", &self.tls_public),
            ("tls_console", &self.tls_console),
            ("tls_private", &self.tls_private),
        ] {
            tls.iter().try_for_each(|tls| tls.check(section))?;
        }
        self.listen.check(EncryptedListeners {
            public: self.tls_public.is_some(),
            console: self.tls_console.is_some(),
            private: self.tls_private.is_some(),
        })?;
        self.audit.check()?;
        self.limits.check()?;
        self.alerts.check()?;
        self.challenge.check()?;
        let has_console = self.listen.console_origin.is_some();
        identity_providers::check(&self.identity_providers, has_console)?;
        self.telemetry.check()?;
        self.keys.check()?;
        self.cvc.check()?;
        self.store.location()?;
        self.retention.check()?;
        self.erase_ledger()?;
        self.risk.check()
    }
}

/// The place in the file, and what is wrong there; the parser's own text draws it over several lines.
fn not_toml(text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count() + 1);
    ConfigError::new(format!("line {line}: {}", in_one_line(error.message())))
}

fn in_one_line(message: &str) -> String {
    message.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
