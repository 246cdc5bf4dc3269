//! Several articles as one post.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Rendered, Renderer, plainly};
use crate::article::text;
use crate::channel::telegram::html;
use crate::channel::{Entry, entry};
use crate::config::Language;
use crate::locale;
use crate::templates::escape;

/// Most titles in a digest post: one entity each, and room for the heading's.
const DIGEST_TITLES: usize = html::ENTITY_LIMIT - 5;
/// Characters of a title in a digest post.
const DIGEST_TITLE: usize = 200;

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
