//! Reads the mailbox of `[email.bounces]`: every message that came back is taken once and marked as read.

use tokio_util::sync::CancellationToken;

use super::App;
use crate::channel::email::imap::{Fault, Imap, Mailbox};
use crate::config::Inbox;
use crate::subscriber::bounce;

/// Most messages of one look.
const MOST: usize = 500;

/// What one look at the mailbox found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Found {
    bounces: usize,
    suppressed: usize,
    others: usize,
}

impl App {
    /// Looks at the mailbox until it is cancelled. A fault is told when it comes and when it changes, not at every look.
    pub(super) async fn run_bounces(self, inbox: Inbox, cancel: CancellationToken) {
        let mut told = None;
        loop {
            let looked = async {
                if self.is_mine("bounces").await { self.look_at_bounces(&inbox).await } else { Ok(Found::default()) }
            };
            let looked = tokio::select! {
                () = cancel.cancelled() => return,
                looked = looked => looked,
            };
            match looked {
                Ok(found) => {
                    self.health.trouble("bounces", None);
                    if told.take().is_some() {
                        tracing::info!("the mailbox of [email.bounces] can be read again");
                    }
                    if found != Found::default() {
                        let Found { bounces, suppressed, others } = found;
                        tracing::info!(bounces, suppressed, others, "mails came back");
                    }
                }
                Err(fault) => {
                    if told.as_ref() != Some(&fault) {
                        tracing::error!(%fault, "the mailbox of [email.bounces] cannot be read; it is tried again");
                    }
                    self.health.trouble("bounces", Some(fault.to_string()));
                    told = Some(fault);
                }
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(inbox.every) => {}
            }
        }
    }

    async fn look_at_bounces(&self, inbox: &Inbox) -> Result<Found, Fault> {
        let mut mailbox = Imap::open(inbox).await?;
        let found = self.work_off_bounces(&mut mailbox).await?;
        mailbox.close().await;
        Ok(found)
    }

    async fn work_off_bounces(&self, mailbox: &mut impl Mailbox) -> Result<Found, Fault> {
        let mut found = Found::default();
        for message in mailbox.unread().await?.into_iter().take(MOST) {
            let Some(raw) = mailbox.fetch(message).await? else { continue };
            let bounces = self.config.email.as_ref().and_then(|email| email.bounces.as_ref());
            match bounce::take(&self.store, &self.tokens, bounces, &raw, "imap", self.clock.now_ms()).await {
                Ok(Some((report, done))) => {
                    found.bounces += 1;
                    found.suppressed += usize::from(done.suppressed);
                    if !done.repeated {
                        self.metrics.deliveries("email", &format!("bounced_{}", report.class.word()), 1);
                    }
                }
                Ok(None) => found.others += 1,
                Err(error) => {
                    // Not marked as read: it is taken when the store is well.
                    tracing::error!(%error, "a mail that came back could not be recorded");
                    break;
                }
            }
            mailbox.done(message).await?;
        }
        Ok(found)
    }
}
