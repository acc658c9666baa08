//! Every kind of entry, and the fields that one of it may have. What is not here is refused: see AUDIT.md.

use super::AuditEntry;
use crate::store::StoreError;

/// A member of an entry besides its time and its action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Field {
    /// The card concerned.
    CardId,
    /// The server or program concerned.
    ClientId,
    /// Stable error code.
    Code,
    /// How many.
    Count,
    /// Keyed digest of an address.
    IpDigest,
    /// The key concerned.
    KeyId,
    /// The merchant, whose chain it is in.
    MerchantId,
    /// The operator or user.
    OperatorId,
    /// Why, from a fixed list or as stated.
    Reason,
    /// The request.
    RequestId,
    /// The session concerned.
    SessionId,
    /// Keyed pseudonym or digest.
    Subject,
}

use Field::{
    CardId, ClientId, Code, Count, IpDigest, KeyId, MerchantId, OperatorId, Reason, RequestId,
    SessionId, Subject,
};

/// An action and the fields that its entries may have.
pub type Kind = (&'static str, &'static [Field]);

const OF_ACCOUNT: &[Field] = &[MerchantId, OperatorId];
const OF_ALERT: &[Field] = &[Reason, OperatorId, RequestId];
const OF_ASSESSMENT: &[Field] = &[Reason, MerchantId, ClientId, CardId, RequestId];
const OF_CARD: &[Field] = &[Code, Reason, MerchantId, SessionId, IpDigest, RequestId];
const OF_CLIENT: &[Field] = &[Reason, MerchantId, ClientId, OperatorId, RequestId];
const OF_CREDENTIAL: &[Field] = &[MerchantId, ClientId];
const OF_ERASURE: &[Field] = &[Reason, MerchantId, ClientId, RequestId];
const OF_KEY: &[Field] = &[Reason, KeyId, OperatorId, RequestId];
const OF_LIST: &[Field] = &[Reason, OperatorId, RequestId];
const OF_MERCHANT: &[Field] = &[MerchantId, OperatorId, RequestId];
const OF_MIGRATION: &[Field] = &[Reason, MerchantId, KeyId];
const OF_OUTCOME: &[Field] = &[
    Reason, MerchantId, ClientId, OperatorId, SessionId, CardId, RequestId,
];
const OF_REFUSAL: &[Field] = &[Code, Reason, ClientId, OperatorId, IpDigest, RequestId];
const OF_DENIAL: &[Field] = &[MerchantId, ClientId, OperatorId, IpDigest, RequestId];
const OF_REVEAL: &[Field] = &[Code, MerchantId, CardId, OperatorId, IpDigest, RequestId];
const OF_REVIEW: &[Field] = &[Reason, MerchantId, SessionId, OperatorId, RequestId];
const OF_RULES: &[Field] = &[Reason, MerchantId, OperatorId, RequestId];
const OF_SESSION: &[Field] = &[MerchantId, ClientId, SessionId, RequestId];
const OF_USE: &[Field] = &[
    Reason, MerchantId, ClientId, OperatorId, IpDigest, RequestId,
];
const OF_TOKEN: &[Field] = &[Reason, MerchantId, ClientId, OperatorId, RequestId];

/// All kinds, in the order of their actions.
pub const KINDS: &[Kind] = &[
    ("alert.acknowledged", OF_ALERT),
    ("alert.closed", OF_ALERT),
    ("assessment.made", OF_ASSESSMENT),
    ("audit.pruned", &[Count]),
    ("auth.failed", OF_REFUSAL),
    ("auth.forbidden", &[Code, Reason, IpDigest, RequestId]),
    ("auth.succeeded", OF_USE),
    ("card.erased", OF_ERASURE),
    ("card.refused", OF_CARD),
    ("card.repeated", OF_CARD),
    ("card.reveal_refused", OF_REVEAL),
    ("card.revealed", OF_REVEAL),
    ("card.stored", OF_CARD),
    ("cards.export_began", OF_MIGRATION),
    ("cards.export_failed", OF_MIGRATION),
    ("cards.exported", OF_MIGRATION),
    ("cards.import_began", OF_MIGRATION),
    ("cards.imported", OF_MIGRATION),
    ("client.auth_changed", OF_CREDENTIAL),
    ("client.certificate_bound", OF_CREDENTIAL),
    ("client.certificate_unbound", OF_CREDENTIAL),
    ("client.created", OF_CLIENT),
    ("client.networks_changed", OF_CREDENTIAL),
    ("client.revised", OF_CLIENT),
    ("client.revoked", OF_CLIENT),
    ("client.secret_rotated", OF_CLIENT),
    ("configuration.changed", &[Reason, Subject]),
    ("configuration.started", &[Subject]),
    ("consent.denied", OF_DENIAL),
    ("consent.given", OF_TOKEN),
    ("customer.erased", OF_ERASURE),
    ("customer.exported", OF_ERASURE),
    ("database.copied", &[]),
    ("database.restored", &[]),
    ("handshake.refused", &[Code, Reason, IpDigest, Count]),
    ("handshakes.dropped", &[Reason, Count]),
    ("key.activated", OF_KEY),
    ("key.destroyed", OF_KEY),
    ("key.made", OF_KEY),
    ("key.retired", OF_KEY),
    ("key.revoked", OF_KEY),
    ("key.rewrapped", OF_KEY),
    ("list.created", OF_LIST),
    ("list.deleted", OF_LIST),
    ("list.entry_put", OF_LIST),
    ("list.entry_removed", OF_LIST),
    ("login.succeeded", OF_MERCHANT),
    ("merchant.created", OF_MERCHANT),
    ("merchant.revised", OF_MERCHANT),
    ("operator.added", &[OperatorId]),
    ("operator.revoked", &[OperatorId]),
    ("outcome.recorded", OF_OUTCOME),
    ("program.added", &[ClientId]),
    ("program.revoked", &[ClientId]),
    ("review.claimed", OF_REVIEW),
    ("review.decided", OF_REVIEW),
    ("risk_model.added", &[Reason]),
    ("risk_model.challenged", &[Reason]),
    ("risk_model.used", &[Reason]),
    ("rules.activated", OF_RULES),
    ("rules.backtested", OF_RULES),
    ("rules.created", OF_RULES),
    ("rules.rolled_back", OF_RULES),
    ("rules.shadow_ended", OF_RULES),
    ("rules.shadowed", OF_RULES),
    ("session.created", OF_SESSION),
    ("session.revised", OF_SESSION),
    ("session.token_renewed", OF_SESSION),
    ("token.issued", OF_TOKEN),
    ("token.refused", OF_REFUSAL),
    ("token.revoked", OF_TOKEN),
    ("user.added", OF_ACCOUNT),
    ("user.bound", OF_ACCOUNT),
    ("user.locked", OF_ACCOUNT),
    ("user.password_changed", OF_ACCOUNT),
    ("user.second_factor_changed", OF_ACCOUNT),
    ("user.unbound", OF_ACCOUNT),
    ("user.unlocked", OF_ACCOUNT),
];

impl Field {
    /// As entries are read.
    pub const fn name(self) -> &'static str {
        match self {
            CardId => "card_id",
            ClientId => "client_id",
            Code => "code",
            Count => "count",
            IpDigest => "ip_digest",
            KeyId => "key_id",
            MerchantId => "merchant_id",
            OperatorId => "operator_id",
            Reason => "reason",
            RequestId => "request_id",
            SessionId => "session_id",
            Subject => "subject",
        }
    }
}

/// Whether an entry is of a kind that there is, and has no field that its kind has not.
///
/// # Errors
/// [`StoreError::NotLoggable`], which fails what was to be logged.
pub(super) fn check(entry: &AuditEntry) -> Result<(), StoreError> {
    let refused = StoreError::NotLoggable(entry.action);
    let Ok(at) = KINDS.binary_search_by_key(&entry.action, |(action, _)| action) else {
        return Err(refused);
    };
    let may = |field| KINDS[at].1.contains(&field);
    let set = [
        (CardId, entry.card_id.is_some()),
        (ClientId, entry.client_id.is_some()),
        (Code, entry.code.is_some()),
        (Count, entry.count.is_some()),
        (IpDigest, entry.ip_digest.is_some()),
        (KeyId, entry.key_id.is_some()),
        (MerchantId, entry.merchant_id.is_some()),
        (OperatorId, entry.operator_id.is_some()),
        (Reason, entry.reason.is_some() || entry.stated.is_some()),
        (RequestId, entry.request_id.is_some()),
        (SessionId, entry.session_id.is_some()),
        (Subject, entry.subject.is_some()),
    ];
    match set.iter().all(|(field, is_set)| !is_set || may(*field)) {
        true => Ok(()),
        false => Err(refused),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    fn sources(folder: &Path, texts: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, texts);
            } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("kind.rs")
            {
                texts.push(fs::read_to_string(&path).unwrap());
            }
        }
    }

    /// Texts of the source that are `word.word_word`, of the first words that actions begin with; and whatever
    /// stands behind `action:`.
    fn actions_in_the_source() -> BTreeSet<String> {
        let begins: BTreeSet<&str> = KINDS
            .iter()
            .map(|(action, _)| action.split('.').next().unwrap())
            .collect();
        let mut texts = Vec::new();
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        sources(&src, &mut texts);
        let mut found = BTreeSet::new();
        for text in texts {
            // What tests say of files and options is none.
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            for line in code.lines() {
                let is_named = line.contains("action: \"");
                for literal in line.split('"').skip(1).step_by(2) {
                    let is_word = |word: &str| {
                        !word.is_empty()
                            && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                    };
                    let Some((first, second)) = literal.split_once('.') else {
                        continue;
                    };
                    let is_action = is_word(first)
                        && is_word(second)
                        && second != "html"
                        && begins.contains(first);
                    if is_named || is_action {
                        found.insert(literal.to_owned());
                    }
                }
            }
        }
        found
    }

    #[test]
    fn every_action_of_the_source_is_a_kind_and_every_kind_is_written_somewhere() {
        let kinds: BTreeSet<String> = KINDS
            .iter()
            .map(|(action, _)| (*action).to_owned())
            .collect();
        assert_eq!(actions_in_the_source(), kinds);
        assert!(KINDS.is_sorted_by_key(|(action, _)| *action));
    }

    #[test]
    fn the_document_lists_the_kinds_and_their_fields() {
        let document = include_str!("../../../AUDIT.md");
        let rows: Vec<&str> = document
            .lines()
            .skip_while(|line| *line != "| kind | fields |")
            .skip(2)
            .take_while(|line| line.starts_with('|'))
            .collect();
        let expected = KINDS.iter().map(|(action, fields)| {
            let fields: Vec<String> = fields
                .iter()
                .map(|field| format!("`{}`", field.name()))
                .collect();
            format!("| `{action}` | {} |", fields.join(", "))
        });
        let expected: Vec<String> = expected.collect();
        assert_eq!(rows, expected, "\n{}", expected.join("\n"));
    }

    #[test]
    fn a_field_outside_the_kind_and_an_unknown_action_are_refused() {
        let entry = AuditEntry {
            action: "session.created",
            ..AuditEntry::default()
        };
        assert!(check(&entry).is_ok());
        let stray = [
            AuditEntry {
                card_id: Some("card_1".to_owned()),
                ..entry.clone()
            },
            AuditEntry {
                stated: Some("words".to_owned()),
                ..entry.clone()
            },
            AuditEntry {
                action: "session.creates",
                ..entry
            },
        ];
        for entry in stray {
            let refused = check(&entry);
            assert!(
                matches!(refused, Err(StoreError::NotLoggable(_))),
                "{entry:?}"
            );
        }
    }
}
