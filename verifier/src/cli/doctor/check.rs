//! What the doctor looks at, and the controls that each answers to.
//!
//! Numbers are those of PCI DSS 4.0.1, ISO/IEC 27001:2022 Annex A (`A.`), the SOC 2 trust services criteria
//! (`CC`, `A1`, `C1`) and the GDPR's articles. docs/compliance.md has the same list; a test compares.

/// One thing that is looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Check {
    Assets,
    Audit,
    Backups,
    Certificate,
    Clients,
    Clock,
    Configuration,
    ConfigurationFile,
    Console,
    CoreDumps,
    CvcHolder,
    Data,
    Database,
    DatabaseFile,
    DiskSpace,
    EraseLedger,
    IpCountries,
    KeyAge,
    KeyFile,
    KeySchedule,
    Limits,
    Listener,
    Merchants,
    Operators,
    People,
    Proxies,
    Retention,
    SealingKey,
    StoreAndKeys,
    Swap,
    TokenLife,
}

impl Check {
    /// Every check, by the name of its variant.
    #[cfg(test)]
    pub(super) const ALL: [Self; 31] = [
        Self::Assets,
        Self::Audit,
        Self::Backups,
        Self::Certificate,
        Self::Clients,
        Self::Clock,
        Self::Configuration,
        Self::ConfigurationFile,
        Self::Console,
        Self::CoreDumps,
        Self::CvcHolder,
        Self::Data,
        Self::Database,
        Self::DatabaseFile,
        Self::DiskSpace,
        Self::EraseLedger,
        Self::IpCountries,
        Self::KeyAge,
        Self::KeyFile,
        Self::KeySchedule,
        Self::Limits,
        Self::Listener,
        Self::Merchants,
        Self::Operators,
        Self::People,
        Self::Proxies,
        Self::Retention,
        Self::SealingKey,
        Self::StoreAndKeys,
        Self::Swap,
        Self::TokenLife,
    ];

    /// Its name in the report.
    pub(super) const fn name(self) -> &'static str {
        self.row().0
    }

    /// The controls that it answers to.
    pub(super) const fn controls(self) -> &'static [&'static str] {
        self.row().1
    }

    #[rustfmt::skip]
    const fn row(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Assets => ("assets", &["PCI DSS 6.4.3", "A.8.9"]),
            Self::Audit => ("audit", &["PCI DSS 10.3.2", "PCI DSS 10.3.3", "PCI DSS 10.3.4", "A.8.15"]),
            Self::Backups => ("backups", &["A.8.13", "SOC 2 A1.2"]),
            Self::Certificate => ("certificate", &["PCI DSS 4.2.1", "PCI DSS 4.2.1.1", "A.8.24"]),
            Self::Clients => ("clients", &["PCI DSS 7.2.5", "PCI DSS 8.6.3", "A.5.17"]),
            Self::Clock => ("clock", &["PCI DSS 10.6.1", "A.8.17"]),
            Self::Configuration => ("configuration", &["PCI DSS 2.2.1", "A.8.9"]),
            Self::ConfigurationFile => ("configuration file", &["PCI DSS 8.6.2", "A.8.3"]),
            Self::Console => ("console", &["PCI DSS 1.3.1", "PCI DSS 8.4.1", "A.8.20", "SOC 2 CC6.6"]),
            Self::CoreDumps => ("core dumps", &["PCI DSS 3.3.1", "PCI DSS 3.5.1", "A.8.12"]),
            Self::CvcHolder => ("CVC holder", &["PCI DSS 3.3.1.2", "PCI DSS 3.3.2"]),
            Self::Data => ("data", &["PCI DSS 3.5.1", "GDPR Art. 5(1)(f)"]),
            Self::Database => ("database", &["PCI DSS 2.2.7", "PCI DSS 4.2.1", "A.8.20"]),
            Self::DatabaseFile => ("database file", &["PCI DSS 7.2.6", "A.8.3"]),
            Self::DiskSpace => ("disk space", &["A.8.6", "SOC 2 A1.1"]),
            Self::EraseLedger => ("erase ledger", &["GDPR Art. 17", "A.8.10", "SOC 2 C1.2"]),
            Self::IpCountries => ("IP countries", &["A.8.16", "SOC 2 CC7.2"]),
            Self::KeyAge => ("key age", &["PCI DSS 3.7.4", "A.8.24"]),
            Self::KeyFile => ("key file", &["PCI DSS 3.6.1.2", "PCI DSS 3.6.1.4", "A.8.24"]),
            Self::KeySchedule => ("key schedule", &["PCI DSS 3.7.4", "A.8.24"]),
            Self::Limits => ("limits", &["PCI DSS 6.2.4", "PCI DSS 8.3.4", "A.8.6"]),
            Self::Listener => ("listener", &["PCI DSS 2.2.5", "PCI DSS 4.2.1", "A.8.20", "SOC 2 CC6.7"]),
            Self::Merchants => ("merchants", &["PCI DSS 7.2.1", "A.5.15"]),
            Self::Operators => ("operators", &["PCI DSS 7.2.5", "PCI DSS 8.4.2", "PCI DSS 8.6.3", "A.8.2"]),
            Self::People => ("people", &["PCI DSS 8.4.2", "A.8.5", "SOC 2 CC6.1"]),
            Self::Proxies => ("proxies", &["PCI DSS 1.4.3", "A.8.20"]),
            Self::Retention => ("retention", &["PCI DSS 3.2.1", "GDPR Art. 5(1)(e)", "A.8.10"]),
            Self::SealingKey => ("sealing key", &["PCI DSS 3.7.1", "PCI DSS 4.2.1", "A.8.24"]),
            Self::StoreAndKeys => ("store and keys", &["PCI DSS 3.6.1.2", "A.8.24", "SOC 2 CC6.1"]),
            Self::Swap => ("swap", &["PCI DSS 3.3.1", "PCI DSS 3.5.1", "A.8.12"]),
            Self::TokenLife => ("token life", &["PCI DSS 6.2.4", "A.8.5"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_its_row_and_some_control() {
        for (place, check) in Check::ALL.into_iter().enumerate() {
            assert_eq!(check as usize, place);
            assert!(!check.controls().is_empty(), "{}", check.name());
        }
    }

    #[test]
    fn the_documentation_lists_every_check_with_its_controls() {
        let document = include_str!("../../../../docs/compliance.md");
        let (_, listed) = document.split_once("## What the doctor checks").unwrap();
        let (listed, _) = listed.split_once("\n## ").unwrap();
        let rows = listed.lines().filter(|line| line.starts_with("| `"));
        let wanted = Check::ALL.map(|check| {
            let (name, controls) = (check.name(), check.controls().join(", "));
            format!("| `{name}` | {controls} |")
        });
        let rows: Vec<_> = rows.collect();
        for (row, wanted) in rows.iter().zip(&wanted) {
            assert!(row.starts_with(wanted.as_str()), "{row}\n{wanted}");
        }
        assert_eq!(rows.len(), wanted.len());
    }
}
