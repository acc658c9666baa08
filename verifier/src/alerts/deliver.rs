//! Posts what is to be told of alerts, apart from everything else: a receiver that is dead delays nothing but its
//! own alerts.

use std::{sync::Arc, time::Duration};

use super::webhook::Webhook;
use crate::{
    app::App,
    store::{
        StoreError,
        alert_deliveries::{self, AlertDelivery},
    },
};

/// How often one looks for what is due.
const EVERY: Duration = Duration::from_secs(1);
/// Deliveries that are taken at once.
const AT_ONCE: u32 = 16;
/// Attempts after which a delivery is given up: after some two days.
const ATTEMPTS: u32 = 14;
/// Seconds before the second attempt; before each further one four times as many,
const FIRST_WAIT_S: i64 = 5;
/// but no more than these.
const MOST_WAIT_S: i64 = 6 * 60 * 60;

/// Delivers until the task is dropped. What fails is logged.
pub async fn keep_delivering(app: &Arc<App>) {
    loop {
        if let Err(error) = deliver(app).await {
            tracing::error!(event = "alerts_not_delivered", %error);
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Tries once what is due; gives how many were delivered.
///
/// # Errors
/// When the store fails.
pub async fn deliver(app: &App) -> Result<u64, StoreError> {
    let Some(webhook) = &app.webhook else {
        return Ok(0);
    };
    let now = app.clock.now();
    let due = app
        .store
        .read(move |connection| alert_deliveries::due(connection, now, AT_ONCE));
    let mut delivered = 0;
    for delivery in due.await? {
        delivered += u64::from(deliver_one(app, webhook, delivery).await?);
    }
    Ok(delivered)
}

async fn deliver_one(
    app: &App,
    webhook: &Webhook,
    delivery: AlertDelivery,
) -> Result<bool, StoreError> {
    let now = app.clock.now();
    let delivery = Arc::new(delivery);
    let taken = app.store.write("take_delivery", {
        let delivery = Arc::clone(&delivery);
        let next_at = now.plus_seconds(wait_s(delivery.attempts));
        move |tx| alert_deliveries::take(tx, &delivery, next_at)
    });
    if !taken.await? {
        return Ok(false);
    }
    let answered = webhook.post(&app.outbound, &delivery, now).await;
    let is_delivered = matches!(&answered, Ok(status) if status.is_success());
    let is_last = delivery.attempts + 1 >= ATTEMPTS;
    let outcome = match (is_delivered, is_last) {
        (true, _) => "delivered",
        (false, true) => "given_up",
        (false, false) => "failed",
    };
    metrics::counter!("waxseal_alert_deliveries_total", "outcome" => outcome).increment(1);
    if !is_delivered {
        let (id, attempts) = (delivery.id.as_str(), delivery.attempts + 1);
        let reason = match answered {
            Ok(status) => status.as_u16().to_string(),
            Err(error) => error.to_string(),
        };
        tracing::warn!(event = "alert_not_delivered", id, attempts, outcome, reason);
    }
    if is_delivered || is_last {
        let id = delivery.id.clone();
        let ended = app
            .store
            .write("end_delivery", move |tx| alert_deliveries::delete(tx, &id));
        ended.await?;
    }
    Ok(is_delivered)
}

fn wait_s(attempts: u32) -> i64 {
    let factor = 4_i64.checked_pow(attempts).unwrap_or(MOST_WAIT_S);
    FIRST_WAIT_S.saturating_mul(factor).min(MOST_WAIT_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_and_the_attempts_end_before_three_days() {
        assert_eq!(
            [0, 1, 2, 13, u32::MAX].map(wait_s),
            [5, 20, 80, 21_600, 21_600]
        );
        let all_s: i64 = (0..ATTEMPTS).map(wait_s).sum();
        assert!((36 * 3600..72 * 3600).contains(&all_s), "{all_s}");
    }
}
