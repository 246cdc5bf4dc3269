//! One pass over all or named sections: look, read again what is due, write the feeds, deliver what is due.

use std::sync::Arc;

use super::App;
use crate::config::Section;

/// What one pass did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Once {
    /// Sections looked at.
    pub sections: usize,
    /// Sections that could not be looked at: slug and reason.
    pub failed: Vec<(String, String)>,
    /// New articles.
    pub new: usize,
    /// Articles that changed or were withdrawn.
    pub changed: usize,
    /// Messages handed to a channel.
    pub sent: usize,
}

impl App {
    /// One pass over `sections`.
    pub async fn once(&self, sections: &[Arc<Section>]) -> anyhow::Result<Once> {
        let mut done = Once::default();
        self.say_what_is_off();
        self.note_alive().await?;
        let outbox = self.outbox();
        outbox.sync_chats().await?;
        outbox.recover(!self.store.is_shared()).await?;
        for section in sections {
            done.sections += 1;
            match self.look_and_tell(section).await {
                Ok(looked) => {
                    done.new += looked.new;
                    done.failed.extend(looked.failed.into_iter().map(|why| (section.slug.clone(), why)));
                }
                Err(error) => done.failed.push((section.slug.clone(), error.to_string())),
            }
        }
        done.changed = self.reread_due().await?;
        self.refresh_feeds().await?;
        self.hub.tell_outside().await;
        outbox.expand_due().await?;
        done.sent = outbox.send_due().await?;
        Ok(done)
    }
}
