//! What Telegram's answers mean. [`fault`] names the case, [`Fault::into_outcome`] says what the outbox may do.
//! The table stands in `docs/delivery.md`; its heart: only what certainly did not arrive is safe to send again.

use std::error::Error as _;
use std::time::Duration;

use teloxide::{ApiError, RequestError};

use crate::channel::Outcome;

/// How long a refused token is left alone.
pub const TOKEN_PAUSE: Duration = Duration::from_mins(5);
/// How long the bot waits after another program asked with its token.
const CONFLICT_PAUSE: Duration = Duration::from_secs(30);
/// How long the bot waits where Telegram says "too many" without saying how long.
const BUSY_PAUSE: Duration = Duration::from_secs(5);

/// A call that did not simply succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Accepted all the same: an answer newer than the library understands. Chat and message id.
    Arrived(String, String),
    /// Our HTML was refused.
    Entities(String),
    /// The picture or its caption was refused, or pictures are not allowed there.
    Picture(String),
    /// An edit that changes nothing.
    NotModified,
    /// The message to edit or delete is not there.
    NoSuchMessage(String),
    /// The group has a new id.
    Migrated(i64),
    /// Too many calls.
    Busy(Duration),
    /// The chat is not there, or the bot may not write to it.
    Gone(String),
    /// The bot's token is not accepted.
    Token(String),
    /// Refused for another reason.
    Refused(String),
    /// Nothing was sent.
    NotSent(String),
    /// It may have arrived.
    Ambiguous(String),
}

impl Fault {
    /// What the outbox may do.
    pub fn into_outcome(self) -> Outcome {
        match self {
            Self::Arrived(chat, message) => {
                Outcome::Accepted(crate::channel::Posted { chat, message, ..Default::default() })
            }
            Self::NotModified => Outcome::Accepted(crate::channel::Posted::default()),
            Self::Busy(after) => Outcome::RetryAfter {
                after: Some(after),
                counts: false,
                reason: format!("Telegram asks to wait {} s", after.as_secs()),
            },
            Self::Token(answer) => Outcome::RetryAfter {
                // The bot is blocked, not the message: with a good token it goes at once.
                after: Some(Duration::ZERO),
                counts: false,
                reason: format!(
                    "Telegram refused the token ({answer}): put the token @BotFather shows into `[telegram] token` \
                     or BANTIN_TELEGRAM_TOKEN; nothing is lost meanwhile"
                ),
            },
            Self::NotSent(reason) => Outcome::RetryAfter { after: None, counts: true, reason },
            Self::Migrated(id) => Outcome::RetryAfter {
                after: None,
                counts: true,
                reason: format!("the group moved to {id}: write the new id into the section's `telegram`"),
            },
            Self::Gone(reason) => Outcome::RecipientGone(reason),
            Self::Ambiguous(reason) => Outcome::Unknown(reason),
            Self::Entities(reason) | Self::Picture(reason) | Self::NoSuchMessage(reason) | Self::Refused(reason) => {
                Outcome::Rejected(reason)
            }
        }
    }
}

/// How long to wait after a question of the bot's was not answered, and why, without the token.
pub fn pause_of(error: &RequestError) -> (Duration, &'static str) {
    match fault(error) {
        Fault::Busy(wait) => (wait, "too many calls"),
        Fault::Token(_) => (TOKEN_PAUSE, "the token is refused"),
        Fault::NotSent(words) if words.to_lowercase().contains("conflict") => {
            (CONFLICT_PAUSE, "another program asks with the same token; stop it, or give bantin a bot of its own")
        }
        Fault::NotSent(_) | Fault::Ambiguous(_) => (BUSY_PAUSE, "Telegram could not be reached"),
        _ => (CONFLICT_PAUSE, "Telegram refused the question"),
    }
}

/// Which case an error is.
pub fn fault(error: &RequestError) -> Fault {
    match error {
        RequestError::RetryAfter(seconds) => Fault::Busy(seconds.duration()),
        RequestError::MigrateToChatId(id) => Fault::Migrated(id.0),
        RequestError::Api(error) => api(error),
        RequestError::Network(error) => network(error),
        RequestError::InvalidJson { raw, .. } => unread(raw),
        RequestError::Io(error) => Fault::NotSent(format!("the upload could not be read: {error}")),
    }
}

fn network(error: &reqwest::Error) -> Fault {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        source = cause.source();
    }
    if error.is_connect() || error.is_builder() {
        Fault::NotSent(format!("Telegram could not be reached: {words}"))
    } else {
        Fault::Ambiguous(format!("the link to Telegram broke after the message was sent: {words}"))
    }
}

fn api(error: &ApiError) -> Fault {
    match error {
        ApiError::InvalidToken => Fault::Token("Unauthorized or Not Found".to_owned()),
        ApiError::CantParseEntities(text) => Fault::Entities(text.clone()),
        ApiError::MessageNotModified => Fault::NotModified,
        ApiError::BotBlocked
        | ApiError::ChatNotFound
        | ApiError::UserNotFound
        | ApiError::UserDeactivated
        | ApiError::GroupDeactivated
        | ApiError::BotKicked
        | ApiError::BotKickedFromSupergroup
        | ApiError::BotKickedFromChannel
        | ApiError::CantInitiateConversation
        | ApiError::CantTalkWithBots
        | ApiError::NotEnoughRightsToPostMessages => Fault::Gone(error.to_string()),
        ApiError::MessageToEditNotFound
        | ApiError::MessageToDeleteNotFound
        | ApiError::MessageIdInvalid
        | ApiError::MessageCantBeEdited => Fault::NoSuchMessage(error.to_string()),
        ApiError::ImageProcessFailed
        | ApiError::WrongFileId
        | ApiError::WrongFileIdOrUrl
        | ApiError::PhotoAsInputFileRequired
        | ApiError::RequestEntityTooLarge => Fault::Picture(error.to_string()),
        ApiError::Unknown(text) => described(None, text),
        other => Fault::Refused(other.to_string()),
    }
}

/// An answer by its number, where it is known, and its words.
fn described(code: Option<u64>, text: &str) -> Fault {
    let low = text.to_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| low.contains(part));
    if code.is_some_and(|c| c >= 500)
        || says(&["internal server error", "bad gateway", "gateway timeout", "service unavailable", "restart"])
    {
        return Fault::Ambiguous(format!("Telegram answered {text:?}"));
    }
    if code == Some(429) || low.starts_with("too many requests") {
        let seconds = low.rsplit(' ').next().and_then(|word| word.parse().ok());
        return Fault::Busy(seconds.map_or(BUSY_PAUSE, Duration::from_secs));
    }
    if matches!(code, Some(401)) || low.starts_with("unauthorized") {
        return Fault::Token(text.to_owned());
    }
    if says(&["not enough rights to send photos", "photo_", "caption is too long", "media_caption_too_long", "image_"])
    {
        return Fault::Picture(text.to_owned());
    }
    if says(&["message is not modified"]) {
        return Fault::NotModified;
    }
    if says(&["can't parse entities"]) {
        return Fault::Entities(text.to_owned());
    }
    if code == Some(403)
        || low.starts_with("forbidden")
        || says(&[
            "chat not found",
            "have no rights to send",
            "not enough rights to send",
            "chat_write_forbidden",
            "channel_private",
            "peer_id_invalid",
            "message thread not found",
            "topic_closed",
            "topic_deleted",
        ])
    {
        return Fault::Gone(text.to_owned());
    }
    if code == Some(409) || low.starts_with("conflict") {
        return Fault::NotSent(text.to_owned());
    }
    Fault::Refused(text.to_owned())
}

/// An answer that is not of the shape the library knows.
fn unread(raw: &str) -> Fault {
    let Ok(answer) = serde_json::from_str::<serde_json::Value>(raw) else {
        // The web server before the API speaks: a proxy's 413 is a definite no, anything else tells nothing.
        let beginning: String = raw.chars().take(80).collect();
        return if raw.contains("413") && raw.to_lowercase().contains("too large") {
            Fault::Picture("413 Request Entity Too Large".to_owned())
        } else {
            Fault::Ambiguous(format!("Telegram's answer is no JSON: {beginning:?}"))
        };
    };
    if answer["ok"] == true {
        let result = &answer["result"];
        return Fault::Arrived(result["chat"]["id"].to_string(), result["message_id"].to_string());
    }
    let parameters = &answer["parameters"];
    if let Some(seconds) = parameters["retry_after"].as_u64() {
        return Fault::Busy(Duration::from_secs(seconds));
    }
    if let Some(id) = parameters["migrate_to_chat_id"].as_i64() {
        return Fault::Migrated(id);
    }
    match answer["description"].as_str() {
        Some(text) => described(answer["error_code"].as_u64(), text),
        None => Fault::Ambiguous("Telegram's answer says neither yes nor no".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn invalid(raw: &str) -> Fault {
        let source = serde_json::from_str::<i32>("x").unwrap_err();
        fault(&RequestError::InvalidJson { source: Arc::new(source), raw: raw.into() })
    }

    fn unknown(text: &str) -> Fault {
        fault(&RequestError::Api(ApiError::Unknown(text.to_owned())))
    }

    #[test]
    fn a_server_error_may_have_arrived() {
        for text in ["Internal Server Error", "Bad Gateway"] {
            assert!(matches!(unknown(text).into_outcome(), Outcome::Unknown(_)), "{text}");
        }
        assert!(matches!(invalid("<html>502 Bad Gateway</html>").into_outcome(), Outcome::Unknown(_)));
        let odd = r#"{"ok":false,"error_code":500,"description":"?","parameters":{}}"#;
        assert!(matches!(invalid(odd), Fault::Ambiguous(_)));
    }

    #[test]
    fn an_answer_newer_than_the_library_is_still_a_yes() {
        let raw = r#"{"ok":true,"result":{"message_id":7,"chat":{"id":-1001,"type":"novel"}}}"#;
        assert_eq!(invalid(raw), Fault::Arrived("-1001".into(), "7".into()));
    }

    #[test]
    fn words_that_the_library_does_not_know_are_understood() {
        assert!(matches!(unknown("Forbidden: bot is not a member of the channel chat"), Fault::Gone(_)));
        assert!(matches!(unknown("Bad Request: message thread not found"), Fault::Gone(_)));
        assert!(matches!(unknown("Bad Request: PHOTO_INVALID_DIMENSIONS"), Fault::Picture(_)));
        assert!(matches!(unknown("Bad Request: not enough rights to send photos to the chat"), Fault::Picture(_)));
        assert_eq!(unknown("Too Many Requests: retry after 41"), Fault::Busy(Duration::from_secs(41)));
        assert!(matches!(unknown("Bad Request: no idea"), Fault::Refused(_)));
        assert!(matches!(invalid("<h1>413 Request Entity Too Large</h1>"), Fault::Picture(_)));
    }

    #[test]
    fn a_refused_token_waits_and_says_what_to_do() {
        let Outcome::RetryAfter { after, counts, reason } =
            fault(&RequestError::Api(ApiError::InvalidToken)).into_outcome()
        else {
            panic!("a token must not cost attempts")
        };
        assert_eq!((after, counts), (Some(Duration::ZERO), false));
        assert!(reason.contains("BANTIN_TELEGRAM_TOKEN"));
    }
}
