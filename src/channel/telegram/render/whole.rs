//! Whole texts: in one message where they fit, cut at a word with a link, or split so that every word is in one of the
//! messages.

use super::{Body, Rendered, Renderer, View, plainly};
use crate::article::text::begins_with;
use crate::channel::telegram::html;
use crate::channel::{Entry, entry};
use crate::templates::escape;

impl Renderer {
    /// The whole text in one message, if it fits.
    pub(super) fn whole(&self, entry: &Entry, view: View<'_>, limit: usize) -> Option<Rendered> {
        let body = body(entry);
        // Anything that is longer by itself need not be tried.
        (html::units(&body) <= limit).then(|| self.compose(entry, view, Body::Text(&body), limit)).flatten()
    }

    /// The whole text, cut at a word.
    pub(super) fn cut(&self, entry: &Entry, view: View<'_>, limit: usize) -> Rendered {
        let body = body(entry);
        let mut room = self.room(entry, view, limit);
        while room > 0 {
            let made = self.compose(entry, view, Body::Text(&html::cut(&body, room)), limit);
            if let Some(made) = made {
                return Rendered { is_cut: true, ..made };
            }
            room /= 2;
        }
        self.short(entry, view, limit)
    }

    /// The whole text in several messages; every word of it is in one of them, unless there may be only `most`.
    pub(super) fn split(&self, entry: &Entry, view: View<'_>, most: Option<usize>) -> Vec<Rendered> {
        let mut rest = body(entry);
        let mut room = self.room(entry, view, html::TEXT_LIMIT);
        let first = loop {
            if room < 200 {
                // The title alone is too long for a heading: it becomes part of the text.
                rest = format!("{}\n\n{rest}", entry::title(entry));
                break Rendered { is_cut: false, ..self.short(entry, view, html::TEXT_LIMIT) };
            }
            let (chunk, after) = html::split(&rest, room);
            if let Some(made) = self.compose(entry, view, Body::Text(chunk), html::TEXT_LIMIT) {
                rest = after.to_owned();
                break made;
            }
            room /= 2;
        };
        let mut pieces = vec![first];
        while html::is_visible(&rest) {
            let (chunk, after) = html::split(&rest, html::TEXT_LIMIT);
            if most == Some(pieces.len() + 1) && html::is_visible(after) {
                let link = entry::page(entry).and_then(|url| Some((url.as_str(), url.host_str()?)));
                let link = link.map(|(url, host)| format!("\n<a href=\"{}\">{}</a>", escape(url), escape(host)));
                let text = html::cut(&rest, html::TEXT_LIMIT - 300);
                let made = format!("{}{}", escape(&text), link.unwrap_or_default());
                pieces.push(Rendered { is_cut: true, ..plainly(made, text) });
                break;
            }
            if html::is_visible(chunk) {
                pieces.push(plainly(escape(chunk), chunk.to_owned()));
            }
            rest = after.to_owned();
        }
        pieces
    }

    /// How many units of text a message holds besides its frame.
    fn room(&self, entry: &Entry, view: View<'_>, limit: usize) -> usize {
        self.compose(entry, view, Body::Text("x"), limit)
            .map_or(0, |made| (limit + 1).saturating_sub(html::parse(&made.html).map_or(limit, |p| p.units())))
    }
}

/// The text of an article with its lead, paragraphs apart.
fn body(entry: &Entry) -> String {
    let reading = &entry.article.reading;
    let mut body = String::with_capacity(reading.text.len() + reading.text.len() / 16);
    let lead = entry::line(reading.lead.as_deref().unwrap_or_default());
    let mut add = |paragraph: &str| {
        if !paragraph.is_empty() {
            if !body.is_empty() {
                body.push_str("\n\n");
            }
            body.push_str(paragraph);
        }
    };
    let mut paragraphs = reading.text.split('\n').map(entry::line).peekable();
    if paragraphs.peek().is_none_or(|first| !begins_with(first, &lead)) {
        add(&lead);
    }
    paragraphs.for_each(|paragraph| add(&paragraph));
    body
}
