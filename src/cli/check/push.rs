//! What `check` asks of those that messages go through: Telegram, the relays, the mailbox of bounces. Nothing is sent.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::within;
use super::wrong::{Tried, Wrong};
use crate::channel::email::imap::{Imap, Mailbox as _};
use crate::channel::email::{helo, session::Session};
use crate::channel::telegram::ask::{Asker, Me, Refusal};
use crate::config::{Code, Config, Email, Inbox, Relay, Telegram, Tls};

/// Chats that are asked about at a time.
const CHATS: usize = 4;

/// Everybody.
pub(super) async fn all(config: &Config, patience: Duration) -> Vec<Tried> {
    let telegram = async {
        match &config.telegram {
            Some(own) => telegram(config, own, patience).await,
            None => Vec::new(),
        }
    };
    let mail = async {
        match &config.email {
            Some(own) => mail(config, own, patience).await,
            None => Vec::new(),
        }
    };
    let (mut tried, mail) = tokio::join!(telegram, mail);
    tried.extend(mail);
    tried
}

async fn telegram(config: &Config, own: &Telegram, patience: Duration) -> Vec<Tried> {
    let bot = Tried::new("Telegram", "telegram.token");
    let wrong = |message: String, help: &str| {
        Wrong::error(Code::BotToken, "telegram.token", message, help).or("telegram.token_file").or("telegram")
    };
    let away = "is `[telegram] api_url` right, and does this machine reach it?";
    let asker = match Asker::new(own) {
        Ok(asker) => asker,
        Err(error) => return vec![bot.not(wrong(error.to_string(), away))],
    };
    let me = match within(patience, asker.me()).await.unwrap_or_else(|late| Err(Refusal::Away(late))) {
        Ok(me) => me,
        Err(Refusal::Token(words)) => {
            let help = "put the token @BotFather shows into `[telegram] token`, or BANTIN_TELEGRAM_TOKEN";
            return vec![bot.not(wrong(format!("Telegram refuses the token: {words}"), help))];
        }
        Err(Refusal::Busy(wait)) => return vec![bot.not(wrong(busy(wait), "try again then"))],
        Err(Refusal::Said(words) | Refusal::Away(words)) => {
            return vec![bot.not(wrong(format!("Telegram could not be asked: {words}"), away))];
        }
    };
    let chats = chats(config);
    let rights = chats.iter().map(|(chat, keys)| {
        let (asker, me) = (&asker, &me);
        async move { ask_of(asker, me, chat, keys, patience).await }
    });
    let rights: Vec<Tried> = stream::iter(rights).buffered(CHATS).collect().await;
    let well = format!("the token is that of {}", me.name);
    [bot.well(well)].into_iter().chain(rights).collect()
}

fn busy(wait: Duration) -> String {
    format!("Telegram asks to wait {} s", wait.as_secs())
}

/// Every chat that is named, with the keys that name it.
fn chats(config: &Config) -> BTreeMap<String, Vec<String>> {
    let mut chats: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (at, chat) in config.admin.telegram.iter().enumerate() {
        let keys = chats.entry(chat.chat.clone()).or_default();
        keys.extend(places("admin.telegram", at));
    }
    for section in config.sections.values() {
        for (at, chat) in section.telegram.iter().enumerate() {
            let keys = chats.entry(chat.chat.clone()).or_default();
            keys.extend(places(&format!("section.{}.telegram", section.slug), at));
            keys.extend(places("defaults.telegram", at));
        }
    }
    chats
}

/// Where an entry of a list, or the one value in its place, may be written.
fn places(key: &str, at: usize) -> [String; 4] {
    let entry = format!("{key}[{}]", at + 1);
    [format!("{entry}.chat"), entry, format!("{key}.chat"), key.to_owned()]
}

async fn ask_of(asker: &Asker, me: &Me, chat: &str, keys: &[String], patience: Duration) -> Tried {
    // The fourth is the whole value.
    let key = keys.get(3).cloned().unwrap_or_default();
    let tried = Tried::new("chat", key);
    let wrong = |severity: fn(Code, &str, String, String) -> Wrong, message: String, help: &str| {
        let mut keys = keys.iter();
        let first = keys.next().map_or("telegram", String::as_str);
        keys.fold(severity(Code::ChatRights, first, message, help.to_owned()), |wrong, key| wrong.or(key))
    };
    let error: fn(Code, &str, String, String) -> Wrong = Wrong::error;
    let answer = within(patience, asker.may_post(me, chat)).await.unwrap_or_else(|late| Err(Refusal::Away(late)));
    match answer {
        Ok(Ok(())) => tried.well(format!("{} may post in {chat}", me.name)),
        Ok(Err(why)) => {
            let help = format!("make {} an administrator of it, with the right to post messages", me.name);
            tried.not(wrong(error, format!("{} may not post in {chat}: {why}", me.name), &help))
        }
        Err(Refusal::Said(words) | Refusal::Token(words)) => {
            let help = format!("is the chat written right, and is {} in it?", me.name);
            tried.not(wrong(error, format!("Telegram says of {chat}: {words}"), &help))
        }
        Err(Refusal::Busy(wait)) => {
            let message = format!("whether the bot may post in {chat} cannot be told: {}", busy(wait));
            tried.not(wrong(Wrong::warning, message, "try again then"))
        }
        Err(Refusal::Away(words)) => {
            let message = format!("whether the bot may post in {chat} could not be asked: {words}");
            tried.not(wrong(error, message, "does this machine reach Telegram?"))
        }
    }
}

async fn mail(config: &Config, own: &Email, patience: Duration) -> Vec<Tried> {
    let name = helo(&config.base_url);
    let relays = own.smtp.iter().enumerate().map(|(at, one)| relay(one, at, &name, patience));
    let inbox = own.bounces.as_ref().and_then(|bounces| bounces.inbox.as_ref());
    let (mut tried, inbox) = tokio::join!(futures_util::future::join_all(relays), async {
        match inbox {
            Some(inbox) => Some(mailbox(inbox, patience).await),
            None => None,
        }
    });
    tried.extend(inbox);
    tried
}

async fn relay(relay: &Relay, at: usize, our_name: &str, patience: Duration) -> Tried {
    let entry = format!("email.smtp[{}]", at + 1);
    let tried = Tried::new("relay", entry.clone());
    let place = format!("{}:{}", relay.host, relay.port);
    let opened = within(patience, Session::open(relay, our_name)).await;
    let reason = match opened {
        Ok(Ok(session)) => {
            session.quit().await;
            let login = if relay.login.is_some() { "takes the login" } else { "takes connections without a login" };
            let by = match relay.tls {
                Tls::Implicit | Tls::Required => ", by TLS",
                Tls::Opportunistic => ", by TLS where it is offered",
                Tls::None => ", without encryption",
            };
            return tried.well(format!("{place} {login}{by}"));
        }
        Ok(Err(failure)) => failure.reason(&place),
        Err(late) => format!("{place}: {late}"),
    };
    let help = "see the address, `tls`, user and password in `[email] smtp`; no mail was sent";
    let wrong = Wrong::error(Code::RelayLogin, &format!("{entry}.url"), format!("the relay {reason}"), help);
    tried.not(wrong.or(&entry).or("email.smtp.url").or("email.smtp"))
}

async fn mailbox(inbox: &Inbox, patience: Duration) -> Tried {
    let tried = Tried::new("mailbox", "email.bounces.imap");
    let place = format!("{}:{}/{}", inbox.host, inbox.port, inbox.folder);
    let opened = async {
        let mut imap = Imap::open(inbox).await?;
        let unread = imap.unread().await;
        imap.close().await;
        unread
    };
    let reason = match within(patience, opened).await {
        Ok(Ok(unread)) => return tried.well(format!("{place} opens; {} unread", unread.len())),
        Ok(Err(fault)) => fault.to_string(),
        Err(late) => late,
    };
    let help = "see address, user, password and folder in [email.bounces]";
    let message = format!("the mailbox of bounces {place} cannot be opened: {reason}");
    tried.not(Wrong::error(Code::InboxLogin, "email.bounces.imap", message, help).or("email.bounces"))
}
