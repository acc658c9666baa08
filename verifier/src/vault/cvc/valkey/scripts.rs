//! The steps that read and write, each one script: Valkey runs nothing else in between, whoever asks.
//!
//! A value's first byte is its state: `h`, then the encrypted code; `u`, then the end of the time in which it
//! may be put back, in milliseconds by Valkey's clock, a colon and the attempt; `c`.

use redis::Script;

/// Before an encrypted code.
pub(super) const HELD: &[u8] = b"h";
/// All there is of what was consumed.
pub(super) const CONSUMED: &[u8] = b"c";

/// Key; attempt, milliseconds for which it may be put back. Gives the encrypted code, or nothing.
const TAKE: &str = r"
local value = redis.call('GET', KEYS[1])
if not value or value:sub(1, 1) ~= 'h' then return false end
local time = redis.call('TIME')
local until_ms = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
redis.call('SET', KEYS[1], 'u' .. string.format('%.0f', until_ms) .. ':' .. ARGV[1], 'KEEPTTL')
return value:sub(2)
";

/// Key; attempt, value to put back. Gives whether it was.
const PUT_BACK: &str = r"
local value = redis.call('GET', KEYS[1])
if not value then return 0 end
local until_ms, attempt = value:match('^u(%d+):(.*)$')
if attempt ~= ARGV[1] then return 0 end
local time = redis.call('TIME')
if time[1] * 1000 + math.floor(time[2] / 1000) >= tonumber(until_ms) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1
";

pub(super) struct Scripts {
    pub(super) take: Script,
    pub(super) put_back: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            take: Script::new(TAKE),
            put_back: Script::new(PUT_BACK),
        }
    }
}
