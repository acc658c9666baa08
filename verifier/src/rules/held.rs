//! The rules that are asked, compiled.

use std::{collections::HashMap, sync::Arc};

use waxseal_engine::rules::{RuleSet, seed};

use crate::{
    risk::RULE_SET,
    store::rule_sets::{RuleSetRow, RuleSetState},
};

/// A version of rules, ready to be asked.
#[derive(Debug)]
pub struct Version {
    id: String,
    set: Option<RuleSet>,
}

impl Version {
    /// The rules that this build carries.
    fn builtin() -> Self {
        Self {
            id: RULE_SET.to_owned(),
            set: None,
        }
    }

    /// Its id, as decisions have it.
    pub fn version(&self) -> &str {
        &self.id
    }

    /// Its rules.
    pub fn set(&self) -> &RuleSet {
        self.set.as_ref().unwrap_or_else(|| seed())
    }
}

/// Every version that is asked.
#[derive(Debug)]
pub struct HeldRules {
    builtin: Arc<Version>,
    /// By merchant; those for all under the empty text.
    of: HashMap<String, InUse>,
}

#[derive(Debug, Default)]
struct InUse {
    active: Option<Arc<Version>>,
    shadow: Option<Arc<Version>>,
}

impl Default for HeldRules {
    /// Those that the build carries.
    fn default() -> Self {
        Self {
            builtin: Arc::new(Version::builtin()),
            of: HashMap::new(),
        }
    }
}

impl HeldRules {
    /// Compiles what is in use. What cannot be read (a later release wrote it, or a hand in the database) is logged and
    /// counted, and `former` goes on in its place.
    pub(super) fn of(rows: &[RuleSetRow], former: &Self) -> Self {
        let mut held = Self::default();
        for row in rows {
            let version = former.version(&row.id).or_else(|| compiled(row));
            let version = version.or_else(|| {
                tracing::error!(event = "rules_not_used", rule_set = %row.id);
                metrics::counter!("waxseal_rules_not_used_total").increment(1);
                let former = former.of.get(&row.merchant_id)?;
                match row.state {
                    RuleSetState::Active => former.active.clone(),
                    _ => former.shadow.clone(),
                }
            });
            let of = held.of.entry(row.merchant_id.clone()).or_default();
            match row.state {
                RuleSetState::Active => of.active = version,
                RuleSetState::Shadow => of.shadow = version,
                RuleSetState::Draft | RuleSetState::Kept => {}
            }
        }
        held
    }

    fn version(&self, id: &str) -> Option<Arc<Version>> {
        let all = self.of.values();
        let mut all = all.flat_map(|of| [&of.active, &of.shadow]).flatten();
        all.find(|version| version.id == id).map(Arc::clone)
    }

    /// The rules that decide on a merchant's sessions: its own, else those for all, else the shipped ones.
    pub fn active(&self, merchant_id: &str) -> &Version {
        self.chosen(merchant_id, |of| of.active.as_deref())
            .unwrap_or(&self.builtin)
    }

    /// The rules that are tried beside: the merchant's own, else those for all.
    pub fn shadow(&self, merchant_id: &str) -> Option<&Version> {
        self.chosen(merchant_id, |of| of.shadow.as_deref())
    }

    fn chosen<'h>(
        &'h self,
        merchant_id: &str,
        which: impl Fn(&'h InUse) -> Option<&'h Version>,
    ) -> Option<&'h Version> {
        let own = self.of.get(merchant_id).and_then(&which);
        own.or_else(|| self.of.get("").and_then(&which))
    }
}

/// The text, if it says what the row's digest does.
fn compiled(row: &RuleSetRow) -> Option<Arc<Version>> {
    let set = RuleSet::parse(&row.text).ok()?;
    (set.digest() == row.digest).then(|| {
        Arc::new(Version {
            id: row.id.clone(),
            set: Some(set),
        })
    })
}
