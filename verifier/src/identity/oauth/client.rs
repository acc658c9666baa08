//! Who asks for a token, and how they prove it.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{
    AuthorizationServer, OAuthError, OAuthFailure, Parameters, Refusal,
    client_assertion::{self, parse_jwks},
};
use crate::{
    clock::Timestamp,
    identity::{ClientSecrets, basic_credentials, credentials::may_call_from},
    store::{
        Store, Touches,
        client_auths::{self, ClientAuth},
        client_certificates,
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

/// The certificate of a connection.
#[derive(Clone)]
pub struct Certificate {
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// What a client may be known by that comes with it: `spki:…`, then `dns:…` and `uri:…`.
    pub identifiers: Vec<String>,
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

    /// Whether it may call from `ip`: a program is where its person is.
    pub fn may_call_from(&self, ip: IpAddr) -> bool {
        match self {
            Self::Program(_) => true,
            Self::Server(client) => may_call_from(&client.networks, ip),
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
    /// Who gave these credentials, over a connection with that certificate.
    ///
    /// # Errors
    /// [`OAuthError::InvalidClient`].
    pub async fn authenticate(
        &self,
        store: &Store,
        credentials: Credentials,
        certificate: Option<Certificate>,
        secrets: &ClientSecrets,
        now: Timestamp,
    ) -> Result<Authenticated, OAuthFailure> {
        match credentials {
            Credentials::Assertion(assertion) => self.by_assertion(store, &assertion, now).await,
            Credentials::Named(id) => by_name(store, id, certificate).await,
            Credentials::Secret(id, secret) => {
                let found = registered(store, id, certificate).await?;
                let Registered {
                    client,
                    auth,
                    owner,
                } = found;
                let client = secrets.check(store, client, secret, now).await?;
                by_secret(client, auth.as_ref(), owner.as_deref())
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
        let Registered { client, auth, .. } = registered(store, id, None).await?;
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
    certificate: Option<Certificate>,
) -> Result<Authenticated, OAuthFailure> {
    let wanted = id.clone();
    let program = store.read(move |connection| public_clients::find(connection, &wanted));
    if let Some(program) = program.await? {
        return match program.revoked_at {
            None => Ok(Authenticated::Program(program)),
            Some(_) => Err(refused("client_revoked").of_client(&program.id).into()),
        };
    }
    let given = certificate.as_ref();
    let given = given.map(|certificate| URL_SAFE_NO_PAD.encode(certificate.sha256));
    let Registered {
        client,
        auth,
        owner,
    } = registered(store, id, certificate).await?;
    let client = client.ok_or_else(|| refused("client_unknown"))?;
    let auth = auth.filter(|auth| auth.method == SELF_SIGNED_TLS);
    let own = auth.and_then(|auth| auth.certificates).unwrap_or_default();
    // Digests of public certificates: there is nothing to learn from how long it takes.
    let is_registered = given.is_some_and(|given| own.split(' ').any(|own| own == given));
    match owner {
        Some(owner) if owner == client.id => Ok(Authenticated::Server(client)),
        None if is_registered => Ok(Authenticated::Server(client)),
        _ => Err(refused("client_certificate").of_client(&client.id).into()),
    }
}

/// Of the client whose secret was right. As everywhere, the secret alone does not do for one that is known by
/// certificates, and nobody else may come with one of these.
fn by_secret(
    client: Option<Client>,
    auth: Option<&ClientAuth>,
    owner: Option<&str>,
) -> Result<Authenticated, OAuthFailure> {
    let client = client.ok_or_else(|| refused("client_secret"))?;
    let may = match owner {
        Some(owner) => owner == client.id,
        None => !client.has_certificates,
    };
    match auth.is_none() && may {
        true => Ok(Authenticated::Server(client)),
        false => Err(refused("client_method").of_client(&client.id).into()),
    }
}

/// What is kept of a server that is not revoked.
struct Registered {
    client: Option<Client>,
    auth: Option<ClientAuth>,
    /// Who is known by the connection's certificate.
    owner: Option<String>,
}

async fn registered(
    store: &Store,
    id: String,
    certificate: Option<Certificate>,
) -> Result<Registered, OAuthFailure> {
    let identifiers = certificate.map(|certificate| certificate.identifiers);
    let identifiers = identifiers.unwrap_or_default();
    let found = store.read(move |connection| {
        let client = clients::find(connection, &id)?;
        Ok(Registered {
            auth: client_auths::find(connection, &id)?,
            client: client.filter(|client| client.revoked_at.is_none()),
            owner: client_certificates::first_owner(connection, &identifiers)?,
        })
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
