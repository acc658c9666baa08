//! From the form to a sealed envelope.

use alloc::{borrow::ToOwned, string::String};

use getrandom::{SysRng, rand_core::UnwrapErr};
use waxseal_protocol::{
    ErrorCode,
    seal::{BrowserData, CardFields, Header, SealError, SealedCard, make_jti, seal},
    signal::Signals,
};
use web_sys::window;
use zeroize::Zeroizing;

use super::session::{Session, local_s};

/// Seals a card for a session, with a new `jti`. `origin` is the page's, `build` the module's own
/// name.
pub(super) fn seal_card(
    session: &Session,
    origin: &str,
    build: &str,
    card: &SealedCard,
) -> Result<String, ErrorCode> {
    let mut rng = UnwrapErr(SysRng);
    let header = Header {
        kid: session.view.kid.clone(),
        sid: session.view.id.clone(),
        rev: session.view.rev,
        org: origin.to_owned(),
        iat: session.clock.now_s(local_s()),
        jti: make_jti(&mut rng),
        bld: build.to_owned(),
    };
    let performance = window().and_then(|window| window.performance());
    // Neither can throw: the mark is set just before it is measured from.
    let _ = performance
        .as_ref()
        .map(|performance| performance.mark(MEASURE));
    let sealed = seal(&session.key, &header, card, &mut rng).map_err(SealError::code);
    let _ = performance.map(|performance| performance.measure_with_start_mark(MEASURE, MEASURE));
    sealed
}

/// What the seals are called among the frame's own user timings; no other document can read them.
const MEASURE: &str = "waxseal.seal";

/// Seals a card of zeros and throws the envelope away: the browser compiles a module's functions
/// when they first run, and shall not do so while a customer waits.
pub(super) fn warm_up(session: &Session, origin: &str, build: &str) {
    let card = CardFields {
        number: Zeroizing::new("0".repeat(16)),
        exp_month: 1,
        exp_year: 2000,
        cvc: None,
        name: None,
        postal_code: None,
        network: None,
    };
    let card = SealedCard::new(card, BrowserData::default(), Signals::new());
    // Whether it works shows when it matters.
    let _ = seal_card(session, origin, build, &card);
}
