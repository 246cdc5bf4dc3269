//! `telegram = …` of a section and the chats of `[admin]`, read into what they mean.

use serde_spanned::Spanned;

use super::checker::Checker;
use super::codes::Code;
use super::raw::{InQuiet, Long, Pictures, PostForm, RawAdminChat, RawTarget, Withdrawn};
use super::shapes::{Chat, OneOrMany, TextOrTable};
use super::tree::Span;
use super::{PostStyle, TelegramTarget, TextMode, values};
use crate::schedule::Quiet;

const CHAT: &str = "write \"@name\" for a public channel, or its number, like -1001234567890";

/// The chats of a section.
pub fn targets(given: Option<&OneOrMany<TextOrTable<RawTarget>>>, checker: &mut Checker<'_>) -> Vec<TelegramTarget> {
    let entries = given.map_or(&[][..], |given| given.0.as_slice());
    entries.iter().filter_map(|entry| target(entry, checker)).collect()
}

/// A chat that alerts go to.
pub fn admin_chat(entry: &Spanned<TextOrTable<RawAdminChat>>, checker: &mut Checker<'_>) -> Option<TelegramTarget> {
    let value = match entry.get_ref() {
        TextOrTable::Text(text) => TextOrTable::Text(text.clone()),
        TextOrTable::Number(number) => TextOrTable::Number(*number),
        TextOrTable::Table(raw) => {
            TextOrTable::Table(RawTarget { chat: raw.chat.clone(), topic: raw.topic.clone(), ..RawTarget::default() })
        }
    };
    target(&Spanned::new(entry.span(), value), checker)
}

fn target(entry: &Spanned<TextOrTable<RawTarget>>, checker: &mut Checker<'_>) -> Option<TelegramTarget> {
    let empty = RawTarget::default();
    let (chat, span, raw) = match entry.get_ref() {
        TextOrTable::Text(text) => (text.clone(), entry.span(), &empty),
        TextOrTable::Number(number) => (number.to_string(), entry.span(), &empty),
        TextOrTable::Table(raw) => {
            let Some(chat) = &raw.chat else {
                missing_chat(&entry.span(), checker);
                return None;
            };
            let Chat(text) = chat.get_ref();
            (text.clone(), chat.span(), raw)
        }
    };
    let at = checker.plan(raw.at.as_ref());
    let quiet = checker.read(Code::Quiet, raw.quiet.as_ref(), "write \"21:30-06:30\"", Quiet::parse);
    if let Some(topic) = raw.topic.as_ref().filter(|topic| *topic.get_ref() <= 0) {
        let help = "write the number of the topic: the last part of the link to it";
        checker.error(Code::Range, &topic.span(), format!("{} is not a topic", topic.get_ref()), help);
    }
    let digest = raw.form.as_ref().is_some_and(|form| *form.get_ref() == PostForm::Digest);
    if let Some(form) = raw.form.as_ref().filter(|_| digest && raw.at.is_none()) {
        let help = "add when it is posted: at = \"0 8,18 * * *\"";
        checker.error(Code::DigestWithoutSlot, &form.span(), "a digest has no `at`", help);
    }
    let chat = values::chat(&chat).map_err(|fault| checker.error(Code::Chat, &span, fault, CHAT)).ok()?;
    Some(TelegramTarget {
        chat,
        topic: raw.topic.as_ref().map(|topic| *topic.get_ref()),
        at,
        digest,
        quiet,
        silent: raw.silent,
        quiet_silent: raw.in_quiet == Some(InQuiet::Silent),
        mark: raw.withdrawn == Some(Withdrawn::Mark),
        style: style(raw, checker),
    })
}

fn style(raw: &RawTarget, checker: &mut Checker<'_>) -> PostStyle {
    const TAGS: &str = "write letters, digits and `_`, with a letter among them: [\"TinTuc\", \"Huế\"]";
    const TEMPLATE: &str = "write the name of a file in templates/telegram without .html: letters, digits, `-` and `_`";
    let full = raw.text == Some(TextMode::Full);
    let tags = raw.hashtags.as_ref().map(|tags| checker.list(Code::Hashtag, tags, TAGS, values::hashtag));
    PostStyle {
        full,
        split: full && raw.long == Some(Long::Split),
        album: raw.pictures == Some(Pictures::Album),
        hashtags: tags,
        template: checker.read(Code::TemplateName, raw.template.as_ref(), TEMPLATE, values::template),
    }
}

/// Unless the chat is written, but so that it could not be read.
fn missing_chat(span: &Span, checker: &mut Checker<'_>) {
    if !checker.written.has("chat", span) && !checker.broken {
        checker.error(Code::MissingKey, span, "the target has no `chat`", CHAT);
    }
}
