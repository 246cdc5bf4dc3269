//! What the configuration lets follow a section, whatever its channel: chats and webhooks.

use super::{PostStyle, Section, TelegramTarget};
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
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own")]
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
    /// Quiet hours are not waited for: what comes in them is posted without a sound.
    pub quiet_silent: bool,
    /// A withdrawn article's post is marked instead of deleted.
    pub mark: bool,
    /// How an article stands in a chat.
    pub style: Option<&'a PostStyle>,
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
            quiet_silent: chat.quiet_silent,
            mark: chat.mark,
            style: Some(&chat.style),
        });
        let hooks = self.webhook.iter().map(|hook| Follower {
            channel: "webhook",
            address: hook.name.clone(),
            at: hook.at.as_ref(),
            digest: hook.digest,
            quiet: hook.quiet,
            silent: false,
            quiet_silent: false,
            mark: false,
            style: None,
        });
        chats.chain(hooks)
    }
}
