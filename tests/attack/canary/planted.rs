//! What is planted, and how it might be written where it should not be.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use waxseal_protocol::seal::SealedCard;
use waxseal_tests::{Checkout, Needle, card, cvc_forms, pan_encodings, sealed};
use waxseal_verifier::rng::{Rng, SystemRng};
use zeroize::Zeroizing;

use crate::{interface::percent_encoded, target::Target};

/// A text to put into an input.
pub(super) struct Text {
    pub(super) given: String,
    /// Whether a field that is kept as it is given refuses it.
    pub(super) is_refused_where_kept: bool,
    /// It as a credential.
    pub(super) authorizations: Vec<String>,
}

/// Everything that is planted in one run.
pub(super) struct Planted {
    /// Numbers, with codes of four digits.
    pub(super) cards: Vec<(String, String)>,
    pan: String,
    secrets: Vec<(&'static str, String)>,
    texts: Vec<Text>,
}

impl Planted {
    pub(super) fn new(target: &Target, checkout: &Checkout) -> Self {
        let planted = waxseal_tests::Planted::new();
        let cards: Vec<_> = planted
            .pans
            .into_iter()
            .zip(planted.cvcs)
            .take(10)
            .collect();
        let pan = fresh_visa();
        let key = std::fs::read(target.folder().join("waxseal.key")).unwrap();
        let bytes: [u8; 32] = (&SystemRng::default() as &dyn Rng).array().unwrap();
        let headers = [
            ("authorization", &*target.owner.authorization()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let token = crate::wire::request(
            "POST",
            "/oauth/token",
            &headers,
            "grant_type=client_credentials",
        );
        let token = crate::wire::ask(target.private, &token).json();
        let secrets = vec![
            ("client token", checkout.token.clone()),
            ("client secret", target.owner.secret.clone()),
            ("operator's secret", target.operator_secret.clone()),
            (
                "access token",
                token["access_token"].as_str().unwrap().to_owned(),
            ),
            ("key", URL_SAFE_NO_PAD.encode(bytes)),
            ("key file", String::from_utf8_lossy(&key).trim().to_owned()),
        ];
        let mut texts: Vec<_> = pan_texts(&pan)
            .into_iter()
            .map(|(text, is_refused)| text_of(text, is_refused))
            .collect();
        for (name, secret) in &secrets {
            // Too long for such a field, or of the form of a secret of ours.
            let is_refused = *name != "key";
            texts.push(text_of(secret.clone(), is_refused));
            texts.push(text_of(STANDARD.encode(secret), is_refused));
        }
        texts.push(text_of(format!("cvc={}", cards[0].1), false));
        Self {
            cards,
            pan,
            secrets,
            texts,
        }
    }

    pub(super) fn texts(&self) -> &[Text] {
        &self.texts
    }

    pub(super) fn numbers(&self) -> Vec<Value> {
        let number: u64 = self.pan.parse().unwrap();
        vec![
            json!(number),
            json!([number]),
            json!(format!("{number}.0").parse::<f64>().unwrap()),
        ]
    }

    /// A card as the frame seals it, its number where a name might be too.
    #[allow(
        clippy::unused_self,
        reason = "what is sealed belongs to what is planted"
    )]
    pub(super) fn sealed(&self, pan: &str, cvc: &str) -> SealedCard {
        let mut fields = card(pan);
        fields.cvc = Some(Zeroizing::new(cvc.to_owned()));
        sealed(fields)
    }

    /// Each value's names and forms.
    pub(super) fn needles(&self) -> Vec<(String, Vec<Needle>)> {
        let pans = std::iter::once(&self.pan).chain(self.cards.iter().map(|(pan, _)| pan));
        let mut needles: Vec<_> = pans
            .map(|pan| ("number".to_owned(), pan_forms(pan)))
            .collect();
        needles.extend(
            self.cards
                .iter()
                .map(|(_, cvc)| ("code".to_owned(), cvc_forms(cvc))),
        );
        needles.extend(
            self.secrets
                .iter()
                .map(|(name, secret)| ((*name).to_owned(), text_forms(secret))),
        );
        needles
    }
}

fn text_of(text: String, is_refused_where_kept: bool) -> Text {
    let authorizations = vec![
        format!("Bearer {text}"),
        format!("DPoP {text}"),
        format!("Basic {}", STANDARD.encode(format!("{text}:{text}"))),
    ];
    let is_header = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    Text {
        given: text,
        is_refused_where_kept,
        authorizations: if is_header { authorizations } else { vec![] },
    }
}

fn fresh_visa() -> String {
    let bytes: [u8; 8] = (&SystemRng::default() as &dyn Rng).array().unwrap();
    waxseal_tests::visa(usize::try_from(u64::from_be_bytes(bytes) % 1_000_000_000).unwrap())
}

fn full_width(digits: &str) -> String {
    digits
        .bytes()
        .map(|digit| char::from_u32(0xff10 + u32::from(digit - b'0')).unwrap())
        .collect()
}

fn grouped(pan: &str, separator: &str) -> String {
    [&pan[..4], &pan[4..8], &pan[8..12], &pan[12..]].join(separator)
}

fn all_percent(text: &str) -> String {
    let digits = text.bytes().map(|byte| format!("%{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}

fn hexadecimal(text: &str) -> String {
    let digits = text.bytes().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}

/// Ways to write a number, and whether the verifier knows it for one where it keeps what it is given.
fn pan_texts(pan: &str) -> Vec<(String, bool)> {
    vec![
        (pan.to_owned(), true),
        (grouped(pan, " "), true),
        (grouped(pan, "-"), true),
        (full_width(pan), true),
        (format!("card {pan}"), true),
        (STANDARD.encode(pan), true),
        (STANDARD.encode(format!("{{\"n\":\"{pan}\"}}")), true),
        (URL_SAFE_NO_PAD.encode(pan), true),
        (all_percent(pan), true),
        (hexadecimal(pan), true),
    ]
}

fn pan_forms(pan: &str) -> Vec<Needle> {
    let mut forms = pan_encodings(pan);
    let more = [
        ("full width", full_width(pan)),
        ("percent-encoded", all_percent(pan)),
        ("as a float", format!("{pan}.0")),
    ];
    forms.extend(more.map(|(form, text)| Needle {
        form,
        bytes: text.into_bytes(),
    }));
    forms
}

fn text_forms(text: &str) -> Vec<Needle> {
    // The first and the last part too: a log that cuts off would still tell it.
    let end = text.len().saturating_sub(40);
    [
        ("as it is", text.to_owned()),
        ("its end", text[end..].to_owned()),
        ("percent-encoded", percent_encoded(text)),
        (
            "base64",
            STANDARD.encode(text).trim_end_matches('=').to_owned(),
        ),
        ("hexadecimal", hexadecimal(text)),
    ]
    .map(|(form, text)| Needle {
        form,
        bytes: text.into_bytes(),
    })
    .into()
}
