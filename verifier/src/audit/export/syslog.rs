//! Syslog messages: RFC 5424, and RFC 6587's octet counting where they follow each other on a connection.

use crate::store::audit::listing::Logged;

/// Facility 13, log audit (RFC 5424 section 6.2.1).
const FACILITY: u8 = 13;
const WARNING: u8 = 4;
const INFORMATIONAL: u8 = 6;
/// Characters of a MSGID.
const MSGID: usize = 32;

/// `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`
pub(super) fn message(entry: &Logged, text: &str) -> String {
    let severity = if entry.code.is_some() {
        WARNING
    } else {
        INFORMATIONAL
    };
    let priority = FACILITY * 8 + severity;
    let printable = entry.action.chars().filter(char::is_ascii_graphic);
    let msgid: String = printable.take(MSGID).collect();
    let (at, process) = (entry.at.rfc3339(), std::process::id());
    format!("<{priority}>1 {at} - waxseal {process} {msgid} - {text}")
}

/// `MSG-LEN SP SYSLOG-MSG` (RFC 6587 section 3.4.1)
pub(super) fn counted(message: &str) -> String {
    format!("{} {message}", message.len())
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::*;

    #[test]
    fn a_message_is_as_the_rfc_has_it_and_counted_in_bytes() {
        let mut entry = entry("r");
        let process = std::process::id();
        let message = message(&entry, "é");
        assert_eq!(
            message,
            format!("<110>1 2025-11-24T16:00:00Z - waxseal {process} key.made - é")
        );
        assert_eq!(counted("é"), "2 é");
        entry.code = Some("unauthenticated".to_owned());
        assert!(super::message(&entry, "").starts_with("<108>1 "));
    }
}
