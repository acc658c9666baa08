//! People who sign in, and the programs that they sign in with.

use aws_lc_rs::hmac;
use waxseal_verifier::{
    clock::{Clock, Timestamp},
    identity::people::{hash_password, make_factor},
    rng::Rng,
    store::{
        public_clients::{self, PublicClient},
        users::{self, User},
    },
};

use crate::TestVerifier;

/// Everybody's.
pub const PASSWORD: &str = "correct horse battery staple";

/// Somebody with an authenticator.
pub struct Person {
    /// `usr_…`
    pub id: String,
    /// What they type.
    pub name: String,
    /// What the authenticator was given.
    pub factor_uri: String,
}

/// A program that people sign in with.
pub struct Program {
    /// `app_…`
    pub id: String,
    /// Where it is answered.
    pub redirect_uri: String,
}

impl Person {
    /// Adds somebody who acts for a merchant, or an operator.
    pub async fn add(
        verifier: &TestVerifier,
        name: &str,
        merchant: Option<&str>,
        scopes: &str,
    ) -> Self {
        let (rng, now): (&dyn Rng, _) = (&*verifier.app.rng, verifier.clock.now());
        let id = rng.id("usr_", now).expect("an id");
        let user = User {
            id: id.clone(),
            name: name.to_owned(),
            merchant_id: merchant.map(str::to_owned),
            scopes: scopes.to_owned(),
            password_hash: hash_password(PASSWORD, name, rng).expect("a hash"),
            disabled_at: None,
            created_at: now,
        };
        let keyring = verifier.app.keyring();
        let new = make_factor(&id, name, &keyring, now, rng).expect("a factor");
        let (store, factor) = (&verifier.app.store, new.factor);
        let stored = store.write("add_person", move |tx| {
            users::insert(tx, &user)?;
            users::put_second_factor(tx, &factor)
        });
        stored.await.expect("the person is stored");
        Self {
            id,
            name: name.to_owned(),
            factor_uri: new.uri.to_string(),
        }
    }

    /// What the authenticator shows (RFC 6238).
    pub fn code(&self, now: Timestamp) -> String {
        let (_, rest) = self.factor_uri.split_once("secret=").expect("a secret");
        let secret = rest.split('&').next().expect("a secret");
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &from_base32(secret));
        let tag = hmac::sign(&key, &(now.seconds() / 30).to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag[19] & 15);
        let word: [u8; 4] = tag[at..at + 4].try_into().expect("four bytes");
        format!(
            "{:06}",
            (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000
        )
    }
}

impl Program {
    /// Adds a program that may ask for `scopes`.
    pub async fn add(verifier: &TestVerifier, scopes: &str) -> Self {
        let (rng, now): (&dyn Rng, _) = (&*verifier.app.rng, verifier.clock.now());
        let id = rng.id("app_", now).expect("an id");
        let redirect_uri = "https://console.example/callback".to_owned();
        let program = PublicClient {
            id: id.clone(),
            name: "Console".to_owned(),
            scopes: scopes.to_owned(),
            created_at: now,
            revoked_at: None,
        };
        let uris = [redirect_uri.clone()];
        let store = &verifier.app.store;
        let stored = store.write("add_program", move |tx| {
            public_clients::insert(tx, &program, &uris)
        });
        stored.await.expect("the program is stored");
        Self { id, redirect_uri }
    }
}

fn from_base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut word, mut bits) = (Vec::new(), 0_u32, 0);
    for digit in text.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            _ => digit - b'2' + 26,
        };
        word = word << 5 | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(word >> bits & 0xff).expect("a byte"));
        }
    }
    bytes
}
