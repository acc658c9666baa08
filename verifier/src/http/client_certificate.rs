//! The certificate that a connection was made with.

/// On a request: SHA-256 of the client certificate (DER) that its connection was authenticated by. Absent
/// where the connection had none.
#[derive(Clone, Copy, Debug)]
pub struct ClientCertificate {
    /// SHA-256 of the certificate's DER (RFC 8705 section 3.1).
    pub sha256: [u8; 32],
}
