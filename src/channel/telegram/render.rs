//! A job as Telegram shows it: HTML within the limits, a plain form of it, and the button. The templates
//! `telegram/post.html` and `telegram/digest.html` make the text; what they make is checked by [`super::html`], and
//! where it does not parse or fit, a built-in form stands in for it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{hashtag, html};
use crate::article::text;
use crate::channel::{Entry, Notice, Reply, entry};
use crate::config::{Config, Language, PostStyle};
use crate::locale;
use crate::templates::{Templates, escape};

mod digest;
mod whole;

/// Characters of the lead, tried one after another until the post fits.
const LEADS: [usize; 5] = [300, 200, 120, 60, 0];
/// A caption keeps at least this much of its lead; a post that would lose more goes out as text with a preview.
const CAPTION_LEADS: usize = 3;

/// A message ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// For `parse_mode=HTML`.
    pub html: String,
    /// The same without tags, for the case that Telegram refuses the HTML after all.
    pub plain: String,
    /// The buttons below that lead somewhere, in one row.
    pub buttons: Vec<Button>,
    /// Or the buttons that send something back, in rows: what each says and sends.
    pub presses: Vec<Vec<(String, String)>>,
    /// The address whose large preview stands below a text.
    pub preview: Option<Url>,
    /// Whether something of the article was cut off for want of room.
    pub is_cut: bool,
}

/// For whom something is rendered.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The language of the frame.
    pub language: Language,
    /// How an article stands in the chat.
    pub style: &'a PostStyle,
}

/// How much of an article a message holds.
#[derive(Debug, Clone, Copy)]
enum Body<'a> {
    /// So many characters of the lead.
    Lead(usize),
    /// This much of the text.
    Text(&'a str),
}

/// A button that opens an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What it says.
    pub text: String,
    /// What it opens.
    pub url: Url,
}

impl Rendered {
    /// Equal for equal messages: kept with the post, so that an edit that changes nothing is not sent.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.html.as_bytes());
        for part in self.buttons.iter().flat_map(|b| [b.text.as_str(), b.url.as_str()]) {
            hash.update([0]);
            hash.update(part.as_bytes());
        }
        data_encoding::HEXLOWER.encode(&hash.finalize()[..8])
    }
}

/// Makes messages.
#[derive(Debug, Clone)]
pub struct Renderer {
    templates: Arc<Templates>,
    /// The publisher's name.
    organisation: String,
    /// By section, the button that leads to the same news in the other language.
    others: Arc<HashMap<String, Button>>,
}

#[derive(Serialize, Default)]
struct PostContext<'a> {
    lang: &'static str,
    title: &'a str,
    lead: Option<String>,
    text: Option<&'a str>,
    date: Option<&'a str>,
    hashtag: &'a str,
    url: Option<&'a str>,
    host: Option<&'a str>,
    section: &'a str,
    byline: Option<&'a str>,
    tags: &'a [String],
}

impl Renderer {
    /// A renderer with the templates of the configuration.
    pub fn new(templates: Arc<Templates>, organisation: String) -> Self {
        Self { templates, organisation, others: Arc::default() }
    }

    /// The same, with buttons between the sections that are each other's translation.
    #[must_use]
    pub fn with_sections(mut self, config: &Config) -> Self {
        let mut others = HashMap::new();
        for (slug, section) in &config.sections {
            let there = section.translation_of.as_ref().and_then(|other| config.sections.get(other));
            let back = || config.sections.values().find(|other| other.translation_of.as_ref() == Some(slug));
            let Some(other) = there.or_else(back) else { continue };
            if let Ok(url) = config.base_url.join(&format!("s/{}", other.slug)) {
                let text = locale::text(other.language, "telegram-other", &[]);
                others.insert(slug.clone(), Button { text, url });
            }
        }
        self.others = Arc::new(others);
        self
    }

    /// The post as a text: the messages it takes, one unless it is split. With `most` it takes no more than that.
    pub fn pieces(&self, entry: &Entry, view: View<'_>, most: Option<usize>) -> Vec<Rendered> {
        if !view.style.full {
            return vec![self.lead(entry, view, html::TEXT_LIMIT, &LEADS)];
        }
        if let Some(whole) = self.whole(entry, view, html::TEXT_LIMIT) {
            return vec![whole];
        }
        if view.style.split && most != Some(1) {
            return self.split(entry, view, most);
        }
        vec![self.cut(entry, view, html::TEXT_LIMIT)]
    }

    /// The post as one text.
    pub fn text(&self, entry: &Entry, view: View<'_>) -> Rendered {
        self.pieces(entry, view, Some(1)).swap_remove(0)
    }

    /// The post as a caption; `None` when it would lose too much.
    pub fn caption(&self, entry: &Entry, view: View<'_>) -> Option<Rendered> {
        if view.style.full {
            return self.whole(entry, view, html::CAPTION_LIMIT);
        }
        self.post(entry, view, html::CAPTION_LIMIT, &LEADS[..CAPTION_LEADS])
    }

    /// The post as a caption whatever it loses, for a picture that is already there.
    pub fn caption_at_any_price(&self, entry: &Entry, view: View<'_>) -> Rendered {
        self.caption(entry, view).unwrap_or_else(|| {
            if view.style.full {
                self.cut(entry, view, html::CAPTION_LIMIT)
            } else {
                self.lead(entry, view, html::CAPTION_LIMIT, &LEADS)
            }
        })
    }

    /// What stands in the place of a withdrawn article.
    pub fn withdrawn(&self, entry: &Entry, view: View<'_>) -> Rendered {
        let notice = locale::text(view.language, "telegram-withdrawn", &[]);
        let title = html::cut(&entry::title(entry), html::CAPTION_LIMIT / 2);
        plainly(format!("<b>{}</b>\n<s>{}</s>", escape(&notice), escape(&title)), format!("{notice}\n{title}"))
    }

    fn lead(&self, entry: &Entry, view: View<'_>, limit: usize, leads: &[usize]) -> Rendered {
        self.post(entry, view, limit, leads).unwrap_or_else(|| self.short(entry, view, limit))
    }

    fn post(&self, entry: &Entry, view: View<'_>, limit: usize, leads: &[usize]) -> Option<Rendered> {
        leads.iter().find_map(|&lead| self.compose(entry, view, Body::Lead(lead), limit))
    }

    /// One message by the template, or by the built-in form where the template makes none that Telegram takes; `None`
    /// where it does not fit.
    fn compose(&self, entry: &Entry, view: View<'_>, body: Body<'_>, limit: usize) -> Option<Rendered> {
        let title = entry::title(entry);
        let (date, tags) = (entry::date(entry, view.language), tags(entry, view.style));
        let page = entry::page(entry);
        let context = PostContext {
            lang: view.language.code(),
            title: &title,
            lead: match body {
                Body::Lead(most) => entry::lead(entry, most),
                Body::Text(_) => None,
            },
            text: match body {
                Body::Lead(_) => None,
                Body::Text(text) => Some(text),
            },
            date: date.as_deref(),
            hashtag: &tags,
            url: page.map(Url::as_str),
            host: page.and_then(Url::host_str),
            section: &entry.section.name,
            byline: entry.article.reading.byline.as_deref(),
            tags: &entry.article.reading.tags,
        };
        let name = match &view.style.template {
            Some(own) => Cow::Owned(format!("telegram/{own}.html")),
            None => Cow::Borrowed("telegram/post.html"),
        };
        let made = self.templates.render(&name, &context).map_err(|e| e.to_string());
        match made.and_then(|made| html::parse(&made).map(|parsed| (made, parsed))) {
            Ok((made, parsed)) => {
                if let Some(fits) = self.finish(&made, &parsed, entry, view, limit) {
                    return Some(fits);
                }
            }
            Err(reason) => {
                tracing::warn!(%reason, template = %name, "the template makes no valid post; the built-in form is used");
            }
        }
        let made = built_in(&context, &title);
        self.finish(&made, &html::parse(&made).ok()?, entry, view, limit)
    }

    /// The message, if it keeps to the limit.
    fn finish(
        &self,
        made: &str,
        parsed: &html::Parsed,
        entry: &Entry,
        view: View<'_>,
        limit: usize,
    ) -> Option<Rendered> {
        if parsed.units() > limit || parsed.entities > html::ENTITY_LIMIT {
            return None;
        }
        let mut plain = parsed.text.clone();
        if let Some(url) = entry::page(entry).map(Url::as_str) {
            // A plain text has no links but those one can see.
            if html::units(&plain) + url.len() < limit {
                plain = format!("{plain}\n{url}");
            }
        }
        Some(Rendered {
            html: made.trim().to_owned(),
            plain,
            buttons: self.buttons(entry, view.language),
            presses: Vec::new(),
            preview: entry::page(entry).cloned(),
            is_cut: false,
        })
    }

    /// "Read", and the section in the other language.
    fn buttons(&self, entry: &Entry, language: Language) -> Vec<Button> {
        let read = entry::link(entry)
            .map(|url| Button { text: locale::text(language, "telegram-read", &[]), url: url.clone() });
        read.into_iter().chain(self.others.get(&entry.section.slug).cloned()).collect()
    }

    /// The form for a title that alone breaks the limit: the title is cut.
    fn short(&self, entry: &Entry, view: View<'_>, limit: usize) -> Rendered {
        let (title, tags) = (entry::title(entry), tags(entry, view.style));
        let mut room = limit;
        loop {
            room /= 2;
            let title = html::cut(&title, room);
            let date = entry::date(entry, view.language);
            let page = entry::page(entry);
            let context = PostContext {
                lang: view.language.code(),
                title: &title,
                date: date.as_deref(),
                hashtag: &tags,
                url: page.map(Url::as_str),
                host: page.and_then(Url::host_str),
                ..PostContext::default()
            };
            let made = built_in(&context, &title);
            let fits = html::parse(&made).ok().and_then(|parsed| self.finish(&made, &parsed, entry, view, limit));
            if let Some(made) = fits {
                return Rendered { is_cut: true, ..made };
            }
            if room == 0 {
                // Host, date and hashtag are bounded; only an absurd section could come here.
                let plain = hashtag::of(&entry.section);
                return plainly(escape(&plain), plain);
            }
        }
    }

    /// A few lines for an admin, as many as fit.
    pub fn notice(&self, notice: &Notice) -> Rendered {
        let heading = text::shorten(&entry::line(&notice.heading), 300);
        let lines: Vec<String> = notice.lines.iter().map(|line| text::shorten(&entry::line(line), 600)).collect();
        let made = |shown: usize| {
            let lines = lines.get(..shown).unwrap_or(&lines);
            let html =
                lines.iter().fold(format!("<b>{}</b>", escape(&heading)), |all, line| all + "\n" + &escape(line));
            plainly(html, lines.iter().fold(heading.clone(), |all, line| all + "\n" + line))
        };
        let fits = |rendered: &Rendered| html::units(&rendered.plain) <= html::TEXT_LIMIT;
        (0..=lines.len()).rev().map(made).find(fits).unwrap_or_else(|| made(0))
    }

    /// What the bot answers.
    pub fn reply(&self, reply: &Reply) -> Rendered {
        let text = html::cut(reply.text.trim(), html::TEXT_LIMIT);
        Rendered { presses: reply.buttons.clone(), ..plainly(escape(&text), text) }
    }

    /// The message of `bantin test`.
    pub fn test(&self, language: Language) -> Rendered {
        let title = locale::text(language, "telegram-test", &[]);
        let name = text::shorten(&entry::line(&self.organisation), 200);
        let body = locale::text(language, "telegram-test-body", &[("organisation".to_owned(), name)]);
        let html = format!("<b>{}</b>\n\n{}", escape(&title), escape(&body));
        plainly(html, format!("{title}\n\n{body}"))
    }
}

/// A message without button and preview.
fn plainly(html: String, plain: String) -> Rendered {
    Rendered { html, plain, buttons: Vec::new(), presses: Vec::new(), preview: None, is_cut: false }
}

fn built_in(context: &PostContext<'_>, title: &str) -> String {
    let mut made = format!("<b>{}</b>", escape(title));
    for text in [context.lead.as_deref(), context.text].into_iter().flatten() {
        made.push_str("\n\n");
        made.push_str(&escape(text));
    }
    let date = context.date.map(|date| format!("{date} · ")).unwrap_or_default();
    let _ = write!(made, "\n\n{}{}", escape(&date), escape(context.hashtag));
    if let (Some(url), Some(host)) = (context.url, context.host) {
        let _ = write!(made, "\n<a href=\"{}\">{}</a>", escape(url), escape(host));
    }
    made
}

/// The hashtags of a post in one line.
fn tags(entry: &Entry, style: &PostStyle) -> String {
    match &style.hashtags {
        Some(own) => own.iter().map(|tag| format!("#{tag}")).collect::<Vec<_>>().join(" "),
        None => hashtag::of(&entry.section),
    }
}
