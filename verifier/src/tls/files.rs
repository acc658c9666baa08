//! The files of a listener's certificates.

use std::{
    fs::File,
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest::{Context, SHA256};
use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer, pem::PemObject,
};
use zeroize::Zeroizing;

use crate::config::Tls;

/// Longest file that is read, in bytes.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// Certificates that cannot be used, in one line that says what to do.
#[derive(Debug)]
pub struct TlsError(String);

impl TlsError {
    pub(super) fn new(option: &str, path: &Path, problem: impl std::fmt::Display) -> Self {
        Self(format!("{option} = {}: {problem}", path.display()))
    }
}

impl std::fmt::Display for TlsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TlsError {}

/// A file's bytes and where they come from.
pub(super) struct Contents {
    option: String,
    path: PathBuf,
    bytes: Zeroizing<Vec<u8>>,
}

/// All files of a listener, read at one time.
pub(super) struct Files {
    pub(super) cert: Contents,
    pub(super) key: Contents,
    pub(super) client_ca: Option<Contents>,
    pub(super) crl: Option<Contents>,
}

impl Files {
    /// Reads the files; `section` names them in errors.
    pub(super) fn read(section: &str, tls: &Tls) -> Result<Self, TlsError> {
        let read = |option: &str, path: &Path| Contents::read(format!("{section}.{option}"), path);
        let key = read("key", &tls.key)?;
        check_mode(&key)?;
        let optional = |option: &str, path: &Option<PathBuf>| {
            path.as_deref().map(|path| read(option, path)).transpose()
        };
        Ok(Self {
            cert: read("cert", &tls.cert)?,
            key,
            client_ca: optional("client_ca", &tls.client_ca)?,
            crl: optional("crl", &tls.crl)?,
        })
    }

    /// Changes with any of the files.
    pub(super) fn digest(&self) -> [u8; 32] {
        let mut context = Context::new(&SHA256);
        let all = [&self.cert, &self.key].into_iter();
        for file in all.chain(&self.client_ca).chain(&self.crl) {
            context.update(&(file.bytes.len() as u64).to_be_bytes());
            context.update(&file.bytes);
        }
        let mut value = [0; 32];
        value.copy_from_slice(context.finish().as_ref());
        value
    }
}

impl Contents {
    fn read(option: String, path: &Path) -> Result<Self, TlsError> {
        let mut bytes = Zeroizing::new(Vec::new());
        let read = File::open(path).and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes));
        match read {
            Ok(_) => Ok(Self {
                option,
                path: path.to_owned(),
                bytes,
            }),
            Err(error) => Err(TlsError::new(
                &option,
                path,
                format_args!("{error}: put the file there (`verifier pki` makes certificates)"),
            )),
        }
    }

    /// Every certificate in the file; at least one.
    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let all = CertificateDer::pem_slice_iter(&self.bytes).collect::<Result<Vec<_>, _>>();
        match all {
            Ok(all) if !all.is_empty() => Ok(all),
            _ => Err(self.refused("holds no certificate in PEM form")),
        }
    }

    pub(super) fn private_key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        PrivateKeyDer::from_pem_slice(&self.bytes)
            .map_err(|_| self.refused("holds no private key in PEM form without a passphrase"))
    }

    /// Every revocation list in the file; at least one.
    pub(super) fn revocation_lists(
        &self,
    ) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
        let all = CertificateRevocationListDer::pem_slice_iter(&self.bytes);
        match all.collect::<Result<Vec<_>, _>>() {
            Ok(all) if !all.is_empty() => Ok(all),
            _ => Err(self.refused("holds no certificate revocation list in PEM form")),
        }
    }

    /// An error about this file.
    pub(super) fn refused(&self, problem: impl std::fmt::Display) -> TlsError {
        TlsError::new(&self.option, &self.path, problem)
    }
}

/// A group may read it, and no more: packages of certificate clients hand keys on so.
fn check_mode(key: &Contents) -> Result<(), TlsError> {
    match std::fs::metadata(&key.path) {
        Ok(metadata) if metadata.mode() & 0o027 == 0 => Ok(()),
        Ok(_) => {
            Err(key.refused("others may write or read this private key: chmod 600 it, or 640"))
        }
        Err(error) => Err(key.refused(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_its_owners_to_write_and_at_most_a_groups_to_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("private.key");
        std::fs::write(&path, "key").unwrap();
        for (mode, is_taken) in [
            (0o600, true),
            (0o400, true),
            (0o640, true),
            (0o440, true),
            (0o644, false),
            (0o604, false),
            (0o620, false),
            (0o660, false),
            (0o602, false),
        ] {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&path, permissions).unwrap();
            let contents = Contents::read("tls_private.key".to_owned(), &path).unwrap();
            assert_eq!(check_mode(&contents).is_ok(), is_taken, "{mode:o}");
        }
    }
}
