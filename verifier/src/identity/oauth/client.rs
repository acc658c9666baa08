//! Who asks for a token, and how they prove it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{
    AuthorizationServer, OAuthError, OAuthFailure, Parameters, Refusal,
    client_assertion::{self, parse_jwks},
};
use crate::{
    clock::Timestamp,
    identity::{ClientSecrets, basic_credentials},
    store::{
        Store, Touches,
        client_auths::{self, ClientAuth},
        clients::{self, Client},
        public_clients::{self, PublicClient},
        used_proofs,
    },
};

const PRIVATE_KEY_JWT: &str = "private_key_jwt";
const SELF_SIGNED_TLS: &str = "self_signed_tls_client_auth";
/// Certificates that a client may have at once, for rotation.
const MOST_CERTIFICATES: usize = 8;

/// What somebody gives to say who they are.
pub enum Credentials {
    /// A JWT that they have signed.
    Assertion(Zeroizing<String>),
    /// Their id alone: a program, or a server whose certificate speaks for it.
    Named(String),
    /// Id and secret.
    Secret(String, Zeroizing<String>),
}

/// Who asks.
pub enum Authenticated {
    /// A program that people sign in with: not more than its name.
    Program(PublicClient),
    /// A merchant's server.
    Server(Client),
}

/// What a server is registered to prove itself with, in the form that is kept: its keys or its certificates.
/// `None` when these are no public keys that are taken, or no SHA-256 in base64url.
pub fn as_registered(
    client_id: &str,
    jwks: Option<String>,
    certificates: &[String],
) -> Option<ClientAuth> {
    let is_digest = |text: &String| {
        URL_SAFE_NO_PAD
            .decode(text)
            .is_ok_and(|digest| digest.len() == 32)
    };
    let is_set = (1..=MOST_CERTIFICATES).contains(&certificates.len());
    let method = match &jwks {
        Some(jwks) if certificates.is_empty() => parse_jwks(jwks).map(|_| PRIVATE_KEY_JWT),
        None if is_set && certificates.iter().all(is_digest) => Some(SELF_SIGNED_TLS),
        _ => None,
    };
    Some(ClientAuth {
        client_id: client_id.to_owned(),
        method: method?.to_owned(),
        jwks,
        certificates: (!certificates.is_empty()).then(|| certificates.join(" ")),
    })
}

impl Authenticated {
    /// Its client id.
    pub fn id(&self) -> &str {
        match self {
            Self::Program(program) => &program.id,
            Self::Server(client) => &client.id,
        }
    }
}

impl Credentials {
    /// From the `Authorization` header and the parameters.
    ///
    /// # Errors
    /// [`OAuthError::InvalidRequest`] when there is more than one (RFC 6749 section 2.3),
    /// [`OAuthError::InvalidClient`] when there is none.
    pub fn read(authorization: Option<&str>, parameters: &Parameters) -> Result<Self, OAuthError> {
        let id = parameters.get("client_id");
        let secret = parameters.get("client_secret");
        let assertion = parameters.get("client_assertion");
        let kind = parameters.get("client_assertion_type");
        match (authorization, secret, assertion) {
            (Some(authorization), None, None) => {
                let given = basic_credentials(authorization).ok_or(OAuthError::InvalidClient)?;
                // RFC 6749 section 2.3.1 has both encoded once more.
                let (own, secret) = (form_decoded(&given.0), form_decoded(&given.1));
                match id.is_none_or(|id| id == *own) {
                    true => Ok(Self::Secret(own.to_string(), secret)),
                    false => Err(OAuthError::InvalidRequest),
                }
            }
            (None, Some(secret), None) => {
                let id = id.ok_or(OAuthError::InvalidRequest)?;
                Ok(Self::Secret(id.to_owned(), secret.to_owned().into()))
            }
            (None, None, Some(assertion)) => {
                let named = client_assertion::client_id(assertion);
                let named = named.ok_or(OAuthError::InvalidClient)?;
                let is_one = id.is_none_or(|id| id == named);
                match is_one && kind == Some(client_assertion::TYPE) {
                    true => Ok(Self::Assertion(assertion.to_owned().into())),
                    false => Err(OAuthError::InvalidRequest),
                }
            }
            (None, None, None) => {
                let id = id.ok_or(OAuthError::InvalidClient)?;
                Ok(Self::Named(id.to_owned()))
            }
            _ => Err(OAuthError::InvalidRequest),
        }
    }
}

impl AuthorizationServer {
    /// Who gave these credentials, over a connection with the certificate of that SHA-256.
    ///
    /// # Errors
    /// [`OAuthError::InvalidClient`].
    pub async fn authenticate(
        &self,
        store: &Store,
        credentials: Credentials,
        certificate: Option<&[u8; 32]>,
        secrets: &ClientSecrets,
        now: Timestamp,
    ) -> Result<Authenticated, OAuthFailure> {
        match credentials {
            Credentials::Assertion(assertion) => self.by_assertion(store, &assertion, now).await,
            Credentials::Named(id) => by_name(store, id, certificate).await,
            Credentials::Secret(id, secret) => {
                let (client, auth) = registered(store, id).await?;
                let client = secrets.check(store, client, secret, now).await?;
                by_secret(client, auth.as_ref())
            }
        }
    }

    async fn by_assertion(
        &self,
        store: &Store,
        assertion: &str,
        now: Timestamp,
    ) -> Result<Authenticated, OAuthFailure> {
        let named = client_assertion::client_id(assertion);
        let id = named.ok_or_else(|| refused("assertion_malformed"))?;
        let (client, auth) = registered(store, id).await?;
        let (Some(client), Some(auth)) = (client, auth) else {
            return Err(refused("client_unknown").into());
        };
        let refused = |reason| refused(reason).of_client(&client.id);
        let jwks = auth.jwks.filter(|_| auth.method == PRIVATE_KEY_JWT);
        let jwks = jwks.as_deref().and_then(parse_jwks);
        let jwks = jwks.ok_or_else(|| refused("client_method"))?;
        let audiences = self.assertion_audiences();
        let good = client_assertion::verify(assertion, &client.id, &jwks, &audiences, now);
        let good = good.map_err(refused)?;
        let touches = Touches::default().and("used_proof", &good.digest);
        let is_new = store.write_grouped("use_assertion", touches, move |tx| {
            used_proofs::consume(tx, good.until_s, &good.digest)
        });
        match is_new.await? {
            true => Ok(Authenticated::Server(client)),
            false => Err(refused("assertion_replayed").into()),
        }
    }
}

async fn by_name(
    store: &Store,
    id: String,
    certificate: Option<&[u8; 32]>,
) -> Result<Authenticated, OAuthFailure> {
    let wanted = id.clone();
    let program = store.read(move |connection| public_clients::find(connection, &wanted));
    if let Some(program) = program.await? {
        return match program.revoked_at {
            None => Ok(Authenticated::Program(program)),
            Some(_) => Err(refused("client_revoked").of_client(&program.id).into()),
        };
    }
    let (Some(client), Some(auth)) = registered(store, id).await? else {
        return Err(refused("client_unknown").into());
    };
    let own = auth.certificates.filter(|_| auth.method == SELF_SIGNED_TLS);
    let own = own.unwrap_or_default();
    let given = certificate.map(|sha256| URL_SAFE_NO_PAD.encode(sha256));
    // Digests of public certificates: there is nothing to learn from how long it takes.
    match given.is_some_and(|given| own.split(' ').any(|own| own == given)) {
        true => Ok(Authenticated::Server(client)),
        false => Err(refused("client_certificate").of_client(&client.id).into()),
    }
}

/// Of the client whose secret was right.
fn by_secret(
    client: Option<Client>,
    auth: Option<&ClientAuth>,
) -> Result<Authenticated, OAuthFailure> {
    match client {
        // As everywhere, the secret alone does not do for one that is known by certificates.
        Some(client) if auth.is_none() && !client.has_certificates => {
            Ok(Authenticated::Server(client))
        }
        Some(client) => Err(refused("client_method").of_client(&client.id).into()),
        None => Err(refused("client_secret").into()),
    }
}

async fn registered(
    store: &Store,
    id: String,
) -> Result<(Option<Client>, Option<ClientAuth>), OAuthFailure> {
    let found = store.read(move |connection| {
        let auth = client_auths::find(connection, &id)?;
        let client = clients::find(connection, &id)?;
        Ok((client.filter(|client| client.revoked_at.is_none()), auth))
    });
    Ok(found.await?)
}

const fn refused(reason: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidClient, reason)
}

fn form_decoded(text: &str) -> Zeroizing<String> {
    let encoded = Zeroizing::new(format!("v={text}"));
    let mut parsed = url::form_urlencoded::parse(encoded.as_bytes());
    let value = parsed.next().map(|(_, value)| value.into_owned());
    Zeroizing::new(value.unwrap_or_default())
}
