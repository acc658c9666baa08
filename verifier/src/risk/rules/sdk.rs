//! An envelope from an SDK build that the verifier does not know is flagged: misrouting, an old
//! build, or a client of its own. The build is what the client says it is, so it proves nothing more.

use serde_json::json;

use super::reason;
use crate::risk::{Effect, Facts, Reason};

pub(in crate::risk) fn answer(facts: &Facts) -> Reason {
    let (code, effect, points) = match facts.sdk_build_known {
        true => ("sdk_build_known", Effect::None, 0),
        false => ("sdk_build_unknown", Effect::Flag, 15),
    };
    let unknown = ("unknown_signals", json!(facts.unknown_signals));
    reason("sdk_build", code, (effect, points), [unknown])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::rules::tests::facts;

    #[test]
    fn flags_an_unknown_build() {
        assert_eq!(answer(&facts()).effect, Effect::None);
        let facts = Facts {
            sdk_build_known: false,
            ..facts()
        };
        assert_eq!(answer(&facts).code, "sdk_build_unknown");
    }
}
