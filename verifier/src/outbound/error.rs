//! Why a call was not answered.

/// Why a call was not answered. None names the URL or holds anything of the answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CallError {
    /// The host has no address that may be called.
    AddressRefused,
    /// The answer is larger than it may be.
    AnswerTooLarge,
    /// What came is no HTTP, or ended too early.
    BrokenAnswer,
    /// The host has no address.
    NoAddress,
    /// There was no answer in time.
    TimedOut,
    /// The host's certificate is not good, or there is no version of TLS that both speak.
    Tls,
    /// No address of the host takes a connection.
    Unreachable,
    /// The URL may not be called at all.
    UrlRefused,
}

impl CallError {
    /// A word for logs and the audit.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AddressRefused => "address_refused",
            Self::AnswerTooLarge => "answer_too_large",
            Self::BrokenAnswer => "broken_answer",
            Self::NoAddress => "no_address",
            Self::TimedOut => "timed_out",
            Self::Tls => "tls",
            Self::Unreachable => "unreachable",
            Self::UrlRefused => "url_refused",
        }
    }
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for CallError {}

/// Why the verifier cannot call out, in one line that says what to do.
#[derive(Debug)]
pub struct OutboundError(pub(super) String);

impl std::fmt::Display for OutboundError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OutboundError {}
