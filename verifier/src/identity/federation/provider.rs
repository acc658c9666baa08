//! An issuer that somebody may sign in at, and what is known of it at the moment.

use std::path::PathBuf;

use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::{
    issuer_keys::IssuerKeys,
    metadata::{self, Metadata},
};
use crate::{clock::Timestamp, outbound::Outbound};

/// Seconds for which metadata is taken for the issuer's.
const FRESH_S: i64 = 60 * 60;

/// What the configuration says of an issuer.
pub struct ProviderSettings {
    /// What people know it by.
    pub name: String,
    /// Its issuer identifier.
    pub issuer: String,
    /// What the verifier is called there.
    pub client_id: String,
    /// The file with what the verifier proves itself with.
    pub client_secret_file: PathBuf,
    /// Ways of signing in of which it has to name one.
    pub require_amr: Vec<String>,
}

/// An issuer that somebody may sign in at.
pub struct IdentityProvider {
    pub(super) settings: ProviderSettings,
    pub(super) secret: Zeroizing<String>,
    pub(super) redirect_uri: String,
    metadata: Mutex<Option<(Metadata, Timestamp)>>,
    pub(super) keys: Mutex<IssuerKeys>,
}

/// All of them.
pub struct IdentityProviders(Vec<IdentityProvider>);

impl IdentityProviders {
    /// Those of the configuration, which send people back to the console at `origin`.
    ///
    /// # Errors
    /// When a secret cannot be read, in one line.
    pub fn open(
        all: impl IntoIterator<Item = ProviderSettings>,
        origin: &str,
    ) -> Result<Self, String> {
        let opened = all.into_iter().map(|settings| {
            let path = &settings.client_secret_file;
            let failed = |problem: &dyn std::fmt::Display| {
                let path = path.display();
                format!("identity_providers: client_secret_file: {path}: {problem}")
            };
            let text = std::fs::read_to_string(path).map(Zeroizing::new);
            let text = text.map_err(|error| failed(&error))?;
            let secret = Zeroizing::new(text.trim().to_owned());
            if secret.is_empty() {
                return Err(failed(&"is empty"));
            }
            Ok(IdentityProvider {
                redirect_uri: format!("{origin}/oauth/callback/{}", settings.name),
                settings,
                secret,
                metadata: Mutex::default(),
                keys: Mutex::default(),
            })
        });
        opened.collect::<Result<_, _>>().map(Self)
    }

    /// The one of that name.
    pub fn named(&self, name: &str) -> Option<&IdentityProvider> {
        self.0.iter().find(|provider| provider.name() == name)
    }

    /// Their names.
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(IdentityProvider::name).collect()
    }
}

impl IdentityProvider {
    /// What people know it by.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    pub(super) async fn metadata(
        &self,
        outbound: &Outbound,
        now: Timestamp,
    ) -> Result<Metadata, &'static str> {
        let mut known = self.metadata.lock().await;
        if let Some((metadata, at)) = &*known
            && now < at.plus_seconds(FRESH_S)
        {
            return Ok(metadata.clone());
        }
        let metadata = metadata::fetch(outbound, &self.settings.issuer).await?;
        *known = Some((metadata.clone(), now));
        Ok(metadata)
    }
}
