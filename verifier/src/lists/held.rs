//! Lists in memory, as rules ask them.

use std::{collections::HashMap, net::IpAddr};

use ipnet::IpNet;
use waxseal_engine::rules::{Found, Lists, Scalar};

use super::{BLOCKED_IPS, ListKind, kind::network};
use crate::{
    clock::Timestamp,
    keys::ModeKeys,
    risk::PrefixTree,
    store::{
        Connection, StoreError,
        lists::{self, EntryRow},
    },
};

/// Entries that are read at once.
const PAGE: u32 = 1000;

/// Every list.
#[derive(Debug, Default)]
pub struct HeldLists {
    by_name: HashMap<String, HeldList>,
}

#[derive(Debug)]
struct HeldList {
    networks: PrefixTree<Vec<Applies>>,
    texts: HashMap<String, Vec<Applies>>,
}

/// For whom an entry is, and how long.
#[derive(Debug)]
struct Applies {
    merchant_id: Option<String>,
    /// `None`: as long as the configuration says so.
    until: Option<Timestamp>,
}

impl Applies {
    fn to(&self, merchant_id: &str, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
            && self
                .merchant_id
                .as_deref()
                .is_none_or(|id| id == merchant_id)
    }
}

impl HeldLists {
    /// Reads every list. `configured` are the networks that the configuration has of [`BLOCKED_IPS`].
    ///
    /// # Errors
    /// When the store fails. An entry that cannot be decrypted is left out, and counted as damaged.
    pub fn load(
        connection: &Connection,
        keys: &ModeKeys,
        configured: &[IpNet],
    ) -> Result<Self, StoreError> {
        let mut held = Self::default();
        for list in lists::all(connection)? {
            held.list(&list.name);
        }
        for network in configured {
            held.list(BLOCKED_IPS)
                .networks
                .entry(*network)
                .push(Applies {
                    merchant_id: None,
                    until: None,
                });
        }
        let (mut after, mut damaged) = (String::new(), 0_u64);
        loop {
            let rows = lists::after(connection, None, &after, PAGE)?;
            let Some(last) = rows.last() else {
                break;
            };
            after.clone_from(&last.id);
            for row in &rows {
                match value_of(keys, row) {
                    Ok(value) => held.add(row, value),
                    Err(_) => damaged += 1,
                }
            }
        }
        if damaged > 0 {
            tracing::error!(
                event = "rows_damaged",
                table = "risk_list_entry",
                rows = damaged
            );
            metrics::counter!("waxseal_rows_damaged_total", "table" => "risk_list_entry")
                .increment(damaged);
        }
        Ok(held)
    }

    fn list(&mut self, name: &str) -> &mut HeldList {
        self.by_name
            .entry(name.to_owned())
            .or_insert_with(|| HeldList {
                networks: PrefixTree::default(),
                texts: HashMap::new(),
            })
    }

    fn add(&mut self, row: &EntryRow, value: String) {
        let applies = Applies {
            merchant_id: row.merchant_id.clone(),
            until: Some(row.expires_at),
        };
        let list = self.list(&row.list);
        match network(&value) {
            Some(network) => list.networks.entry(network).push(applies),
            None => list.texts.entry(value).or_default().push(applies),
        }
    }

    /// As a merchant's rules see them at an instant.
    pub const fn of<'l>(&'l self, merchant_id: &'l str, now: Timestamp) -> ListsOf<'l> {
        ListsOf {
            lists: self,
            merchant_id,
            now,
        }
    }
}

/// Lists as a merchant's rules see them at an instant.
#[derive(Clone, Copy)]
pub struct ListsOf<'l> {
    lists: &'l HeldLists,
    merchant_id: &'l str,
    now: Timestamp,
}

impl ListsOf<'_> {
    /// The narrowest listed network that holds `ip`.
    pub fn network(&self, list: &str, ip: IpAddr) -> Option<IpNet> {
        let held = self.lists.by_name.get(list)?.networks.holding(ip);
        held.filter(|(_, all)| self.applies(all))
            .last()
            .map(|(network, _)| network)
    }

    fn applies(&self, all: &[Applies]) -> bool {
        all.iter().any(|one| one.to(self.merchant_id, self.now))
    }
}

impl Lists for ListsOf<'_> {
    fn find(&self, list: &str, value: Scalar<'_>) -> Found {
        let Some(held) = self.lists.by_name.get(list) else {
            return Found::NoList;
        };
        let text = |text: &str| {
            let all = held.texts.get(text)?;
            self.applies(all).then(|| text.to_owned())
        };
        let entry = match value {
            Scalar::Address(ip) => self.network(list, ip).map(|network| network.to_string()),
            Scalar::Country(country) => text(&country.to_string()),
            Scalar::Text(value) => text(value),
            Scalar::Boolean(_) | Scalar::Decimal(_) | Scalar::Integer(_) => None,
        };
        entry.map_or(Found::Absent, |entry| Found::Entry(entry.into()))
    }
}

/// What an entry's row holds.
pub(super) fn value_of(keys: &ModeKeys, row: &EntryRow) -> Result<String, StoreError> {
    let look_ups = [row.list.as_str()];
    let place = lists::place(&row.id, row.merchant_id.as_deref(), &look_ups);
    let value = keys.deks.decrypt(place, &row.value_enc)?;
    let value = str::from_utf8(&value).map(str::to_owned);
    value.map_err(|_| StoreError::Damaged("risk_list_entry"))
}

/// The kind that a list's row names.
pub(super) fn kind_of(name: &str) -> Result<ListKind, StoreError> {
    ListKind::parse(name).ok_or(StoreError::Damaged("risk_list"))
}
