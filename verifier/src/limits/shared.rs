//! Counts in a Valkey or Redis that several verifiers share, each step one script: Valkey runs nothing else in
//! between, whoever asks.
//!
//! The time is the asking verifier's. Where their clocks differ, whoever asks the slower one gets less, and
//! nobody gets more than one further burst in all.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use redis::{Script, aio::MultiplexedConnection};

use super::{Limit, Rate, Standing};
use crate::{
    clock::Timestamp,
    valkey::{Link, Purpose, Unavailable, ValkeyError},
};

const COUNTS: Purpose = Purpose {
    option: "limits.url",
    needs: "GET, SET and scripts on waxseal:limit:*",
    may_persist: true,
    // Without it there is an answer too.
    patience: Duration::from_millis(100),
    available: "limits_shared",
    unavailable: "limits_not_shared",
};

/// How long a count outlives its use, for clocks that differ.
const MARGIN_MS: u64 = 60_000;

/// GCRA (ITU-T I.371, virtual scheduling). Key; now, period, tolerance in microseconds, margin in milliseconds.
/// Its value is the theoretical arrival time of the next request. Gives how far that is ahead of now; or, below
/// zero, how long it is until a request will be answered.
const ADMIT: &str = r"
local now, period, tolerance = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local due = tonumber(redis.call('GET', KEYS[1]) or now)
local wait = due - tolerance - now
if wait > 0 then return -wait end
local ahead = math.max(due, now) + period - now
local lives = math.ceil(ahead / 1000) + ARGV[4]
redis.call('SET', KEYS[1], string.format('%.0f', now + ahead), 'PX', string.format('%.0f', lives))
return ahead
";

/// Where several verifiers count together.
pub struct SharedCounts {
    link: Arc<Link>,
    script: Script,
}

impl SharedCounts {
    /// Counts in the Valkey or Redis at `url`.
    ///
    /// # Errors
    /// When it does not take the connection, or does not allow what is needed. That it does not answer is
    /// none: it may later.
    pub async fn open(url: &str) -> Result<Self, ValkeyError> {
        let counts = Self {
            link: Arc::new(Link::open_or_wait(url, COUNTS).await?),
            script: Script::new(ADMIT),
        };
        if let Some(error) = counts.problem() {
            tracing::error!(event = COUNTS.unavailable, %error);
            return Ok(counts);
        }
        let (limit, nobody, then) = (Limit::Health, [0; 16], Timestamp::from_millis(0));
        let tried = counts.admit(limit, limit.default_rate(), nobody, then);
        let (Ok(_) | Err(Unavailable)) = tried.await;
        match counts.problem() {
            None | Some(ValkeyError::Unreachable(_)) => Ok(counts),
            Some(problem) => Err(problem),
        }
    }

    /// Why each verifier counts for itself now.
    pub fn problem(&self) -> Option<ValkeyError> {
        self.link.reason()
    }

    /// Host and port, or path.
    pub fn address(&self) -> &str {
        self.link.address()
    }

    pub(super) async fn admit(
        &self,
        limit: Limit,
        rate: Rate,
        caller: [u8; 16],
        now: Timestamp,
    ) -> Result<Standing, Unavailable> {
        let caller = URL_SAFE_NO_PAD.encode(caller);
        let mut script = self
            .script
            .key(format!("waxseal:limit:{}:{caller}", limit.name()));
        script
            .arg(now.millis().saturating_mul(1000))
            .arg(rate.period_us())
            .arg(rate.tolerance_us())
            .arg(MARGIN_MS);
        let ahead: i64 = self
            .link
            .run_if_up(async |connection: &mut MultiplexedConnection| {
                script.invoke_async(connection).await
            })
            .await?;
        Ok(match u64::try_from(ahead) {
            Ok(ahead_us) => {
                let left = rate.window_us().saturating_sub(ahead_us) / rate.period_us();
                Standing::admitted(limit, rate, u32::try_from(left).unwrap_or(u32::MAX))
            }
            Err(_) => Standing::refused(limit, rate, ahead.unsigned_abs()),
        })
    }
}
