//! Keeps an order and its verifier session in agreement.
//!
//! The amount is computed here, from this shop's own prices, and told to the verifier over its
//! private listener. The page gets a client token and nothing else that matters.

use waxseal_protocol::{ErrorCode, message::SessionStatus};

use crate::{
    basket::Basket,
    error::ShopError,
    order::{Agreed, OpenOrder, Shopper},
    rng,
    verifier::{IssuedToken, NewSession, VerifierClient, VerifierError},
};

/// How often a session that changes under our hands is looked at again.
const MAX_LOOKS: usize = 4;

/// Where a checkout stands.
#[derive(Debug)]
pub enum Checkout {
    /// The order was paid: there is nothing to check out.
    Placed,
    /// The page may mount the frame with this token.
    Ready(IssuedToken),
}

/// Brings the verifier's session in line with the cart, opening one if need be, and gets a token.
///
/// # Errors
/// When there is nothing to pay for, or the verifier refuses or does not answer.
pub async fn prepare(
    verifier: &VerifierClient,
    origin: &str,
    shopper: &mut Shopper,
) -> Result<Checkout, ShopError> {
    for _ in 0..MAX_LOOKS {
        let token = match agree(verifier, shopper).await? {
            Agreement::Placed => return Ok(Checkout::Placed),
            _ if shopper.basket.is_empty() => return Err(ShopError::CartEmpty),
            Agreement::NoSession => {
                let order = match shopper.open.take() {
                    Some(order) => order,
                    None => OpenOrder::new(rng::order_number()?),
                };
                let order = shopper.open.insert(order);
                open_session(verifier, origin, order, &shopper.basket).await
            }
            Agreement::Session(id) => verifier.renew_token(&id).await,
        };
        match token {
            Ok(token) => return Ok(Checkout::Ready(token)),
            Err(error) if is_over(&error) => forget_session(shopper),
            // A key whose first answer was lost, and the cart changed since.
            Err(error) if error.is(ErrorCode::IdempotencyConflict) => forget_session(shopper),
            Err(error) if error.is(ErrorCode::SessionCompleted) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ShopError::Unsettled)
}

/// After a change of the cart or the country: tells the verifier, if it has a session for the order.
/// The next submission is then refused unless it was sealed for the new amount.
///
/// # Errors
/// When the verifier refuses or does not answer.
pub async fn follow_cart(
    verifier: &VerifierClient,
    shopper: &mut Shopper,
) -> Result<(), ShopError> {
    agree(verifier, shopper).await.map(drop)
}

enum Agreement {
    NoSession,
    Placed,
    Session(String),
}

async fn agree(verifier: &VerifierClient, shopper: &mut Shopper) -> Result<Agreement, ShopError> {
    for _ in 0..MAX_LOOKS {
        let Some(agreed) = shopper
            .open
            .as_mut()
            .and_then(|order| order.session.as_mut())
        else {
            return Ok(Agreement::NoSession);
        };
        let Some(record) = verifier.session(&agreed.session_id).await? else {
            forget_session(shopper);
            continue;
        };
        if record.status == SessionStatus::Accepted {
            shopper.place(&record.id, record.amount);
            return Ok(Agreement::Placed);
        }
        if shopper.basket.is_empty() {
            // No session is for nothing; the one there stays as it is until something is wanted.
            return Ok(Agreement::Session(record.id));
        }
        let (total, country) = (shopper.basket.total(), shopper.basket.country());
        if record.amount != total || record.shipping_country.as_deref() != Some(country.code()) {
            match verifier
                .change_session(&record.id, record.rev, total, country)
                .await
            {
                Ok(()) => {}
                Err(error) if is_over(&error) => {
                    forget_session(shopper);
                    continue;
                }
                Err(error) if is_race(&error) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        agreed.basket = shopper.basket.clone();
        return Ok(Agreement::Session(record.id));
    }
    Err(ShopError::Unsettled)
}

async fn open_session(
    verifier: &VerifierClient,
    origin: &str,
    order: &mut OpenOrder,
    basket: &Basket,
) -> Result<IssuedToken, VerifierError> {
    let session = NewSession {
        amount: basket.total(),
        currency: crate::money::CURRENCY,
        order_id: &order.id,
        origin,
        shipping_country: basket.country(),
    };
    let (session_id, token) = verifier
        .create_session(&session, &order.idempotency_key())
        .await?;
    order.session = Some(Agreed {
        session_id,
        basket: basket.clone(),
    });
    Ok(token)
}

fn forget_session(shopper: &mut Shopper) {
    if let Some(order) = shopper.open.as_mut() {
        order.forget_session();
    }
}

/// The session takes no card any more.
fn is_over(error: &VerifierError) -> bool {
    error.is(ErrorCode::SessionExpired) || error.is(ErrorCode::AttemptsExhausted)
}

/// Somebody else was faster: look again.
fn is_race(error: &VerifierError) -> bool {
    error.is(ErrorCode::RevisionConflict) || error.is(ErrorCode::SessionCompleted)
}
