//! What the log says of deliveries.

use crate::store::{Delivery, Settle};

/// One log line for each settled delivery, but for mails that went well: those are counted together. Addresses of
/// readers never.
pub(super) fn tell(d: &Delivery, settle: &Settle, section: Option<&str>) {
    if matches!(settle, Settle::Sent { .. }) && d.channel == "email" && !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    // A private chat is a reader too.
    let private =
        d.channel == "email" || d.channel == "telegram" && d.address.starts_with(|c: char| c.is_ascii_digit());
    let target = if private { format!("reader {}", d.target_id) } else { d.address.clone() };
    let (channel, kind, delivery, article) = (&d.channel, &d.kind, d.id, d.article_id);
    macro_rules! line {
        ($level:ident, $($what:tt)*) => {
            tracing::$level!(delivery, article, section, channel, kind, target, $($what)*)
        };
    }
    match settle {
        Settle::Sent { .. } if d.channel == "email" => line!(debug, "sent"),
        Settle::Sent { .. } => line!(info, "sent"),
        Settle::Retry { counts: false, reason, .. } => line!(info, reason, "waits"),
        Settle::Partly { reason, .. } => line!(info, reason, "goes on"),
        Settle::Retry { reason, .. } => line!(warn, reason, "is tried again"),
        Settle::Dropped(reason) => line!(info, reason, "dropped"),
        Settle::Asks(reason) => line!(warn, reason, "waits for an admin: bantin deliveries retry|drop"),
        Settle::Uncertain(reason) => line!(warn, reason, "is not sent again (at_most_once)"),
        Settle::Dead(reason) | Settle::Busy(reason) => line!(error, reason, "could not be delivered"),
        Settle::Gone { reason, .. } => line!(warn, reason, "the recipient does not want it; it rests"),
    }
}
