//! A job as Telegram shows it: HTML within the limits, a plain form of it, and the button. The templates
//! `telegram/post.html` and `telegram/digest.html` make the text; what they make is checked by [`super::html`], and
//! where it does not parse or fit, a built-in form stands in for it.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{hashtag, html};
use crate::article::text;
use crate::channel::{Entry, Notice, entry};
use crate::config::Language;
use crate::locale;
use crate::templates::{Templates, escape};

/// Characters of the lead, tried one after another until the post fits.
const LEADS: [usize; 5] = [300, 200, 120, 60, 0];
/// A caption keeps at least this much of its lead; a post that would lose more goes out as text with a preview.
const CAPTION_LEADS: usize = 3;
/// Most titles in a digest post: one entity each, and room for the heading's.
const DIGEST_TITLES: usize = html::ENTITY_LIMIT - 5;
/// Characters of a title in a digest post.
const DIGEST_TITLE: usize = 200;

/// A message ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// For `parse_mode=HTML`.
    pub html: String,
    /// The same without tags, for the case that Telegram refuses the HTML after all.
    pub plain: String,
    /// The button below.
    pub button: Option<Button>,
    /// The address whose large preview stands below a text.
    pub preview: Option<Url>,
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
        for part in self.button.iter().flat_map(|b| [b.text.as_str(), b.url.as_str()]) {
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
}

#[derive(Serialize)]
struct PostContext<'a> {
    lang: &'static str,
    title: &'a str,
    lead: Option<String>,
    date: Option<&'a str>,
    hashtag: &'a str,
    url: Option<&'a str>,
    host: Option<&'a str>,
    section: &'a str,
    byline: Option<&'a str>,
    tags: &'a [String],
}

#[derive(Serialize)]
struct DigestContext<'a> {
    lang: &'static str,
    heading: &'a str,
    count: usize,
    items: &'a [DigestItem],
    more: usize,
}

#[derive(Serialize)]
struct DigestItem {
    title: String,
    url: Option<String>,
}

impl Renderer {
    /// A renderer with the templates of the configuration.
    pub fn new(templates: Arc<Templates>, organisation: String) -> Self {
        Self { templates, organisation }
    }

    /// The post as a text.
    pub fn text(&self, entry: &Entry, language: Language) -> Rendered {
        self.post(entry, language, html::TEXT_LIMIT, &LEADS).unwrap_or_else(|| short(entry, language, html::TEXT_LIMIT))
    }

    /// The post as a caption; `None` when it would lose too much.
    pub fn caption(&self, entry: &Entry, language: Language) -> Option<Rendered> {
        self.post(entry, language, html::CAPTION_LIMIT, &LEADS[..CAPTION_LEADS])
    }

    /// The post as a caption whatever it loses, for a picture that is already there.
    pub fn caption_at_any_price(&self, entry: &Entry, language: Language) -> Rendered {
        let full = self.caption(entry, language);
        full.or_else(|| self.post(entry, language, html::CAPTION_LIMIT, &LEADS))
            .unwrap_or_else(|| short(entry, language, html::CAPTION_LIMIT))
    }

    fn post(&self, entry: &Entry, language: Language, limit: usize, leads: &[usize]) -> Option<Rendered> {
        let title = entry::title(entry);
        let (date, tag) = (entry::date(entry, language), hashtag::of(&entry.section));
        let page = entry::page(entry);
        for &lead in leads {
            let context = PostContext {
                lang: language.code(),
                title: &title,
                lead: entry::lead(entry, lead),
                date: date.as_deref(),
                hashtag: &tag,
                url: page.map(Url::as_str),
                host: page.and_then(Url::host_str),
                section: &entry.section.name,
                byline: entry.article.reading.byline.as_deref(),
                tags: &entry.article.reading.tags,
            };
            let made = self.templates.render("telegram/post.html", &context).map_err(|e| e.to_string());
            match made.and_then(|made| html::parse(&made).map(|parsed| (made, parsed))) {
                Ok((made, parsed)) => {
                    if let Some(fits) = finish(&made, &parsed, entry, language, limit) {
                        return Some(fits);
                    }
                }
                Err(reason) => {
                    tracing::warn!(%reason, "templates/telegram/post.html makes no valid post; the built-in form is used");
                    break;
                }
            }
        }
        leads.iter().find_map(|&lead| built_in(entry, language, &title, lead, limit))
    }

    /// Several articles as one post, cut with "… and N more".
    pub fn digest(&self, entries: &[Entry], language: Language) -> Rendered {
        let mut names: Vec<String> = Vec::new();
        for entry in entries {
            let name = entry::line(&entry.section.name);
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() {
            names.push(self.organisation.clone());
        }
        let heading = text::shorten(&names.join(", "), 200);
        let items: Vec<DigestItem> = entries
            .iter()
            .map(|e| DigestItem {
                title: text::shorten(&entry::title(e), DIGEST_TITLE),
                url: entry::page(e).map(|u| u.as_str().to_owned()),
            })
            .collect();
        let all = items.len().min(DIGEST_TITLES);
        let fits = |shown: usize, own: bool| {
            let context = DigestContext {
                lang: language.code(),
                heading: &heading,
                count: items.len(),
                items: items.get(..shown)?,
                more: items.len() - shown,
            };
            let made = if own {
                self.templates.render("telegram/digest.html", &context).map_err(|e| e.to_string())
            } else {
                Ok(built_in_digest(&context, language))
            };
            match made.and_then(|made| html::parse(&made).map(|parsed| (made, parsed))) {
                Ok((made, parsed)) => (parsed.units() <= html::TEXT_LIMIT && parsed.entities <= html::ENTITY_LIMIT)
                    .then(|| plainly(made.trim().to_owned(), parsed.text)),
                Err(reason) => {
                    tracing::warn!(%reason, "templates/telegram/digest.html makes no valid post");
                    None
                }
            }
        };
        let ours = (0..=all).rev().find_map(|shown| fits(shown, true));
        ours.or_else(|| (0..=all).rev().find_map(|shown| fits(shown, false)))
            .unwrap_or_else(|| plainly(escape(&heading), heading.clone()))
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
    Rendered { html, plain, button: None, preview: None }
}

/// The message, if it keeps to the limit.
fn finish(made: &str, parsed: &html::Parsed, entry: &Entry, language: Language, limit: usize) -> Option<Rendered> {
    if parsed.units() > limit || parsed.entities > html::ENTITY_LIMIT {
        return None;
    }
    let button =
        entry::link(entry).map(|url| Button { text: locale::text(language, "telegram-read", &[]), url: url.clone() });
    let mut plain = parsed.text.clone();
    if let Some(url) = entry::page(entry).map(Url::as_str) {
        // A plain text has no links but those one can see.
        if html::units(&plain) + url.len() < limit {
            plain = format!("{plain}\n{url}");
        }
    }
    Some(Rendered { html: made.trim().to_owned(), plain, button, preview: entry::page(entry).cloned() })
}

fn built_in(entry: &Entry, language: Language, title: &str, lead: usize, limit: usize) -> Option<Rendered> {
    let mut made = format!("<b>{}</b>", escape(title));
    if let Some(lead) = entry::lead(entry, lead) {
        made.push_str("\n\n");
        made.push_str(&escape(&lead));
    }
    let date = entry::date(entry, language).map(|date| format!("{date} · ")).unwrap_or_default();
    let _ = write!(made, "\n\n{}{}", escape(&date), hashtag::of(&entry.section));
    if let Some((url, host)) = entry::page(entry).and_then(|u| Some((u, u.host_str()?))) {
        let _ = write!(made, "\n<a href=\"{}\">{}</a>", escape(url.as_str()), escape(host));
    }
    let parsed = html::parse(&made).ok()?;
    finish(&made, &parsed, entry, language, limit)
}

/// The form for a title that alone breaks the limit: the title is cut.
fn short(entry: &Entry, language: Language, limit: usize) -> Rendered {
    let title = entry::title(entry);
    let mut room = limit;
    loop {
        room /= 2;
        if let Some(made) = built_in(entry, language, &html::cut(&title, room), 0, limit) {
            return made;
        }
        if room == 0 {
            // Host, date and hashtag are bounded; only an absurd section could come here.
            let plain = hashtag::of(&entry.section);
            return plainly(plain.clone(), plain);
        }
    }
}

fn built_in_digest(context: &DigestContext<'_>, language: Language) -> String {
    let mut made = format!("<b>{}</b>\n", escape(context.heading));
    for item in context.items {
        match &item.url {
            Some(url) => {
                let _ = write!(made, "\n• <a href=\"{}\">{}</a>", escape(url), escape(&item.title));
            }
            None => {
                let _ = write!(made, "\n• {}", escape(&item.title));
            }
        }
    }
    if context.more > 0 {
        let more = [("more".to_owned(), context.more.to_string())];
        let _ = write!(made, "\n\n{}", escape(&locale::text(language, "telegram-more", &more)));
    }
    made
}
