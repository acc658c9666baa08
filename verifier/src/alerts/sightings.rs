//! Where callers call from: countries that are new, and journeys that cannot be.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    net::IpAddr,
};

use super::{
    impossible_travel::{Rule, impossible},
    new_country, raise,
};
use crate::{
    app::App,
    clock::Timestamp,
    risk::Located,
    store::{
        StoreError, Subject, SubjectKind, Touches,
        alerts::{Detail, Sign},
        sightings::{self, SeenPlace},
    },
};

/// Callers that are remembered here; beyond that all are forgotten, and the store is asked again.
const REMEMBERED: usize = 16 * 1024;
/// Milliseconds after which a place that has not changed is written again.
const WRITTEN_EVERY_MS: i64 = 60_000;

/// What the store need not be asked for again.
#[derive(Default)]
pub(super) struct Known {
    countries: HashSet<(Subject, &'static str)>,
    places: HashMap<Subject, SeenPlace>,
}

pub(super) async fn look(
    app: &App,
    known: &mut Known,
    callers: BTreeMap<Subject, Vec<(IpAddr, Timestamp)>>,
) -> Result<(), StoreError> {
    if known.countries.len().max(known.places.len()) > REMEMBERED {
        *known = Known::default();
    }
    for (subject, mut addresses) in callers {
        addresses.sort_by_key(|(_, at)| *at);
        for (ip, at) in addresses {
            let Some(located) = app.ip_countries.locate(ip) else {
                continue;
            };
            look_at_country(app, known, &subject, located, at).await?;
            // A merchant has servers in several places.
            if subject.kind != SubjectKind::Merchant {
                look_at_place(app, known, &subject, located, at).await?;
            }
        }
    }
    Ok(())
}

async fn look_at_country(
    app: &App,
    known: &mut Known,
    subject: &Subject,
    located: Located,
    at: Timestamp,
) -> Result<(), StoreError> {
    let country = located.country.as_str();
    if known.countries.contains(&(subject.clone(), country)) {
        return Ok(());
    }
    let noted = app.store.write("note_country", {
        let subject = subject.clone();
        move |tx| sightings::note_country(tx, &subject, country, at)
    });
    let first_seen_at = noted.await?;
    known.countries.insert((subject.clone(), country));
    let learning_s = app.watch.rules().country_learning_s;
    if first_seen_at.is_none_or(|first| !new_country::is_told(first, at, learning_s)) {
        return Ok(());
    }
    let sign = Sign {
        kind: "new_country",
        subject: subject.clone(),
        aspect: country.to_owned(),
        detail: Detail {
            country: Some(country.to_owned()),
            ..Detail::default()
        },
        count: 1,
        more: 1,
        at,
    };
    raise(app, sign).await.map(drop)
}

async fn look_at_place(
    app: &App,
    known: &mut Known,
    subject: &Subject,
    located: Located,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Some(place) = place(located, at) else {
        return Ok(());
    };
    let is_written = known.places.get(subject).is_some_and(|last| {
        let is_same =
            (last.latitude_e4, last.longitude_e4) == (place.latitude_e4, place.longitude_e4);
        is_same && (0..WRITTEN_EVERY_MS).contains(&(at.millis() - last.at.millis()))
    });
    if is_written {
        return Ok(());
    }
    let last = app.store.read({
        let subject = subject.clone();
        move |connection| sightings::place(connection, &subject)
    });
    let last = last.await?;
    let touches = Touches::default().and("place", subject);
    let put = app.store.write_grouped("put_place", touches, {
        let (subject, place) = (subject.clone(), place.clone());
        move |tx| sightings::put_place(tx, &subject, &place)
    });
    put.await?;
    known.places.insert(subject.clone(), place.clone());
    let rules = app.watch.rules();
    let rule = Rule {
        km_per_h: rules.travel_km_per_h,
        km: rules.travel_km,
    };
    let journey = last.and_then(|last| Some((impossible(&last, &place, rule)?, last)));
    let Some((journey, last)) = journey else {
        return Ok(());
    };
    let sign = Sign {
        kind: "impossible_travel",
        subject: subject.clone(),
        aspect: String::new(),
        detail: Detail {
            country: Some(place.country),
            former_country: Some(last.country),
            distance_km: Some(journey.distance_km),
            elapsed_s: Some(journey.elapsed_s),
            ..Detail::default()
        },
        count: 1,
        more: 1,
        at,
    };
    raise(app, sign).await.map(drop)
}

fn place(located: Located, at: Timestamp) -> Option<SeenPlace> {
    let (latitude, longitude) = located.place?;
    #[allow(clippy::cast_possible_truncation, reason = "180 degrees at most")]
    let e4 = |degrees: f64| (degrees * 10_000.0).round() as i64;
    Some(SeenPlace {
        country: located.country.as_str().to_owned(),
        latitude_e4: e4(latitude),
        longitude_e4: e4(longitude),
        at,
    })
}
