//! What the configuration lets follow a section, whatever its channel: chats and webhooks.

use super::{Section, TelegramTarget};
use crate::schedule::{Plan, Quiet};

impl TelegramTarget {
    /// Its address as a target: the chat, and its topic after a slash.
    pub fn address(&self) -> String {
        match self.topic {
            Some(topic) => format!("{}/{topic}", self.chat),
            None => self.chat.clone(),
        }
    }
}

/// One webhook of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookTarget {
    /// Its name in `[webhook.NAME]`.
    pub name: String,
    /// When to post; `None`: at once.
    pub at: Option<Plan>,
    /// Whether a slot is one digest.
    pub digest: bool,
    /// Hours in which nothing is posted, in the section's zone.
    pub quiet: Option<Quiet>,
}

/// What follows a section by the configuration, whatever its channel.
#[derive(Debug, Clone)]
pub struct Follower<'a> {
    /// The channel's kind.
    pub channel: &'static str,
    /// Its address as a target: a chat, and its topic after a slash; a webhook's name.
    pub address: String,
    /// When to post; `None`: at once.
    pub at: Option<&'a Plan>,
    /// Whether a slot is one digest.
    pub digest: bool,
    /// Hours in which nothing is posted, in the section's zone.
    pub quiet: Option<Quiet>,
    /// Post without a sound.
    pub silent: bool,
}

impl Section {
    /// Everything that the configuration lets follow this section.
    pub fn followers(&self) -> impl Iterator<Item = Follower<'_>> {
        let chats = self.telegram.iter().map(|chat| Follower {
            channel: "telegram",
            address: chat.address(),
            at: chat.at.as_ref(),
            digest: chat.digest,
            quiet: chat.quiet,
            silent: chat.silent,
        });
        let hooks = self.webhook.iter().map(|hook| Follower {
            channel: "webhook",
            address: hook.name.clone(),
            at: hook.at.as_ref(),
            digest: hook.digest,
            quiet: hook.quiet,
            silent: false,
        });
        chats.chain(hooks)
    }
}
