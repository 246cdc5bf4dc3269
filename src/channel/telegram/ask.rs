//! Questions to the Bot API that change nothing: whose token is it, and may the bot post in a chat? Read as plain JSON,
//! so that an answer newer than the library is understood too.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use teloxide::Bot;

use crate::channel::BuildError;
use crate::config::Telegram;

/// Why a question got no answer that helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The token is not accepted.
    Token(String),
    /// The API's own words about what was asked.
    Said(String),
    /// It asks to wait.
    Busy(Duration),
    /// It could not be reached, or what answers is no Bot API.
    Away(String),
}

/// Asks on behalf of one bot.
#[derive(Debug, Clone)]
pub struct Asker {
    bot: Bot,
    token: SecretString,
}

/// The bot as Telegram knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    id: i64,
    /// `@name`.
    pub name: String,
}

impl Asker {
    /// With the token of `[telegram]`.
    ///
    /// # Errors
    /// See [`super::bot`].
    pub fn new(telegram: &Telegram) -> Result<Self, BuildError> {
        Ok(Self { bot: super::bot(telegram)?, token: telegram.token.clone() })
    }

    /// Whose token it is.
    ///
    /// # Errors
    /// A token that is refused, or an API that cannot be asked.
    pub async fn me(&self) -> Result<Me, Refusal> {
        let me = self.ask("getMe", &json!({})).await?;
        let Some(id) = me["id"].as_i64() else { return Err(Refusal::Away("what answers is no Bot API".to_owned())) };
        Ok(Me { id, name: format!("@{}", me["username"].as_str().unwrap_or("bot")) })
    }

    /// Whether the bot may post in a chat; where it may not, why.
    ///
    /// # Errors
    /// What Telegram says of the chat.
    pub async fn may_post(&self, me: &Me, chat: &str) -> Result<Result<(), &'static str>, Refusal> {
        let of = chat.parse::<i64>().map_or_else(|_| json!(chat), |id| json!(id));
        let shown = self.ask("getChat", &json!({ "chat_id": of })).await?;
        let kind = shown["type"].as_str().unwrap_or_default();
        if kind == "private" {
            // Somebody who wrote to the bot; nobody is a member there.
            return Ok(Ok(()));
        }
        let member = self.ask("getChatMember", &json!({ "chat_id": of, "user_id": me.id })).await?;
        Ok(judge(kind, &shown, &member))
    }

    async fn ask(&self, method: &str, with: &Value) -> Result<Value, Refusal> {
        let base = self.bot.api_url();
        let url = format!("{}/bot{}/{method}", base.as_str().trim_end_matches('/'), self.token.expose_secret());
        let call = self.bot.client().post(url).header("content-type", "application/json").body(with.to_string());
        let answer = call.send().await.map_err(|error| Refusal::Away(causes(&error.without_url())))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| Refusal::Away(causes(&error.without_url())))?;
        let Ok(mut answer) = serde_json::from_str::<Value>(&text) else {
            return Err(Refusal::Away(format!("it answers {status} and no JSON; is `api_url` a Bot API?")));
        };
        if answer["ok"] == true {
            return Ok(answer["result"].take());
        }
        let words: String = answer["description"].as_str().unwrap_or("no reason").chars().take(200).collect();
        // It may repeat what it was asked with.
        let words = words.replace(self.token.expose_secret(), "<token>");
        Err(match answer["error_code"].as_u64().unwrap_or_else(|| status.as_u16().into()) {
            // An unknown token is 404 too: it stands in the address.
            401 | 404 => Refusal::Token(words),
            429 => Refusal::Busy(Duration::from_secs(answer["parameters"]["retry_after"].as_u64().unwrap_or(5))),
            500.. => Refusal::Away(words),
            _ => Refusal::Said(words),
        })
    }
}

/// Whether a member may post, by what the chat and the membership say.
fn judge(kind: &str, chat: &Value, member: &Value) -> Result<(), &'static str> {
    let may = |of: &Value, right: &str| of[right].as_bool();
    match (member["status"].as_str().unwrap_or_default(), kind) {
        ("left" | "kicked", _) => Err("the bot is not in it"),
        ("administrator", "channel") if may(member, "can_post_messages") == Some(false) => {
            Err("the bot is an administrator without the right to post messages")
        }
        ("creator" | "administrator", _) => Ok(()),
        (_, "channel") => Err("the bot is no administrator of it, and only these post in a channel"),
        ("restricted", _) if may(member, "can_send_messages") == Some(false) => {
            Err("the bot is restricted there and may send no messages")
        }
        ("restricted", _) if may(member, "is_member") == Some(false) => Err("the bot is not in it"),
        ("member", _) if may(&chat["permissions"], "can_send_messages") == Some(false) => {
            Err("members may send no messages there, and the bot is no administrator")
        }
        ("member" | "restricted", _) => Ok(()),
        _ => Err("Telegram does not say that the bot is in it"),
    }
}

fn causes(error: &reqwest::Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_post_is_told_by_chat_and_membership() {
        let of = |kind: &str, chat: Value, member: Value| judge(kind, &chat, &member);
        let none = || json!({});
        assert_eq!(of("channel", none(), json!({ "status": "administrator", "can_post_messages": true })), Ok(()));
        assert!(of("channel", none(), json!({ "status": "administrator", "can_post_messages": false })).is_err());
        assert!(of("channel", none(), json!({ "status": "member" })).is_err());
        assert!(of("channel", none(), json!({ "status": "kicked" })).is_err());
        assert_eq!(of("supergroup", none(), json!({ "status": "member" })), Ok(()));
        let quiet = json!({ "permissions": { "can_send_messages": false } });
        assert!(of("supergroup", quiet.clone(), json!({ "status": "member" })).is_err());
        assert_eq!(of("supergroup", quiet, json!({ "status": "administrator" })), Ok(()));
        assert!(of("group", none(), json!({ "status": "restricted", "can_send_messages": false })).is_err());
        assert!(of("group", none(), json!({ "status": "restricted", "is_member": false })).is_err());
        assert!(of("group", none(), json!({ "status": "left" })).is_err());
        assert!(of("group", none(), none()).is_err());
    }
}
