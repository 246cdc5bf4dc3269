//! What the log says of deliveries.

use crate::store::{Delivery, Settle};

/// One log line for each settled delivery, but for mails that went well: those are counted together. Addresses of
/// readers never.
pub(super) fn tell(d: &Delivery, settle: &Settle) {
    if matches!(settle, Settle::Sent { .. }) && d.channel == "email" && !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    // A private chat is a reader too.
    let private =
        d.channel == "email" || d.channel == "telegram" && d.address.starts_with(|c: char| c.is_ascii_digit());
    let target = if private { format!("reader {}", d.target_id) } else { d.address.clone() };
    let (channel, kind, delivery) = (&d.channel, &d.kind, d.id);
    match settle {
        Settle::Sent { .. } if d.channel == "email" => {
            tracing::debug!(delivery, channel, kind, target, article = d.article_id, "sent");
        }
        Settle::Sent { .. } => tracing::info!(delivery, channel, kind, target, article = d.article_id, "sent"),
        Settle::Retry { counts: false, reason, .. } => {
            tracing::info!(delivery, channel, kind, target, reason, "waits");
        }
        Settle::Partly { reason, .. } => tracing::info!(delivery, channel, kind, target, reason, "goes on"),
        Settle::Retry { reason, .. } => tracing::warn!(delivery, channel, kind, target, reason, "is tried again"),
        Settle::Dropped(reason) => tracing::info!(delivery, channel, kind, target, reason, "dropped"),
        Settle::Asks(reason) => {
            tracing::warn!(delivery, channel, kind, target, reason, "waits for an admin: bantin deliveries retry|drop");
        }
        Settle::Uncertain(reason) => {
            tracing::warn!(delivery, channel, kind, target, reason, "is not sent again (at_most_once)");
        }
        Settle::Dead(reason) | Settle::Busy(reason) => {
            tracing::error!(delivery, channel, kind, target, reason, "could not be delivered");
        }
        Settle::Gone { reason, .. } => {
            tracing::warn!(delivery, channel, kind, target, reason, "the recipient does not want it; it rests");
        }
    }
}
