//! CVCs held in a Valkey or Redis that several verifiers share: encrypted, each for its time to live, and
//! taken by one of them alone.

mod entry;
mod scripts;

use std::time::Duration;

use redis::{RedisResult, aio::MultiplexedConnection};
use waxseal_protocol::card::Cvc;

use self::scripts::Scripts;
use super::{
    holder::Surroundings,
    state::{HoldOutcome, PUT_BACK_S, Taken},
};
use crate::valkey::{Link, Purpose, Unavailable, ValkeyError};

const HOLDER: Purpose = Purpose {
    option: "cvc.url",
    needs: "GET, SET, TIME and scripts on waxseal:cvc:*",
    may_persist: false,
    // A customer waits for it.
    patience: Duration::from_millis(500),
    available: "cvc_holder_available",
    unavailable: "cvc_holder_unavailable",
};

/// Entries by the submission's id.
pub(super) struct Valkey {
    link: Link,
    scripts: Scripts,
    hold_s: u32,
}

impl Valkey {
    pub(super) async fn open(url: &str, hold_s: u32) -> Result<Self, ValkeyError> {
        Ok(Self {
            link: Link::open(url, HOLDER).await?,
            scripts: Scripts::new(),
            hold_s,
        })
    }

    pub(super) fn place(&self) -> &str {
        self.link.address()
    }

    pub(super) async fn hold(
        &self,
        at: Surroundings<'_>,
        submission: &str,
        cvc: Cvc,
    ) -> HoldOutcome {
        let deadline = at.now.plus_seconds(self.hold_s.into());
        let Ok(sealed) = entry::encrypt(at, submission, deadline, &cvc) else {
            return HoldOutcome::Unavailable;
        };
        drop(cvc);
        let mut command = redis::cmd("SET");
        command
            .arg(key(submission))
            .arg([scripts::HELD, &sealed].concat())
            .arg("NX")
            .arg("PX")
            .arg(self.ttl_ms());
        let stored: Result<bool, Unavailable> = self
            .link
            .run(async |connection| command.query_async(connection).await)
            .await;
        match stored {
            Ok(true) => HoldOutcome::Held,
            Ok(false) => HoldOutcome::Known,
            Err(Unavailable) => HoldOutcome::Unavailable,
        }
    }

    pub(super) async fn take(
        &self,
        at: Surroundings<'_>,
        submission: &str,
        attempt: &str,
    ) -> Option<Taken> {
        let mut script = self.scripts.take.key(key(submission));
        script.arg(attempt).arg(PUT_BACK_S * 1000);
        let sealed: Option<Vec<u8>> = self
            .link
            .run(async |connection: &mut MultiplexedConnection| {
                script.invoke_async(connection).await
            })
            .await
            .ok()?;
        let (deadline, cvc) = entry::decrypt(at, submission, &sealed?)?;
        Some(Taken {
            submission: submission.to_owned(),
            attempt: attempt.to_owned(),
            deadline,
            cvc,
        })
    }

    pub(super) async fn put_back(&self, at: Surroundings<'_>, taken: Taken) -> bool {
        let Ok(sealed) = entry::encrypt(at, &taken.submission, taken.deadline, &taken.cvc) else {
            return false;
        };
        let mut script = self.scripts.put_back.key(key(&taken.submission));
        script
            .arg(&taken.attempt)
            .arg([scripts::HELD, &sealed].concat());
        drop(taken);
        let run = self
            .link
            .run(async |connection: &mut MultiplexedConnection| {
                script.invoke_async(connection).await
            });
        run.await.unwrap_or(false)
    }

    pub(super) async fn consume(&self, submission: &str) {
        let mut command = redis::cmd("SET");
        command
            .arg(key(submission))
            .arg(scripts::CONSUMED)
            .arg("PX")
            .arg(self.ttl_ms());
        let run = self
            .link
            .run(async |connection| -> RedisResult<()> { command.query_async(connection).await });
        // A code that was in use is in Valkey no more.
        let (Ok(()) | Err(Unavailable)) = run.await;
    }

    fn ttl_ms(&self) -> u64 {
        u64::from(self.hold_s) * 1000
    }
}

fn key(submission: &str) -> String {
    format!("waxseal:cvc:{submission}")
}
