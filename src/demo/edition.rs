//! The sample site as it stands at a moment: what is not yet published or already withdrawn is cut out of
//! every page, what is published stands first and carries the moment of its publication, what is corrected is
//! corrected. Pure functions from a page as written to a page as served.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use dom_query::{Document, NodeRef};

use super::dates::{Style, rewrite_json};

/// The zone of the sample site.
pub(super) const ZONE: Tz = chrono_tz::Asia::Ho_Chi_Minh;

/// What is out at the moment.
#[derive(Debug, Default)]
pub(super) struct Edition {
    /// Articles whose turn has not come.
    pub(super) pending: HashSet<String>,
    /// Articles published while the demo runs, oldest first.
    pub(super) published: Vec<(String, DateTime<Utc>)>,
    /// Articles taken back.
    pub(super) withdrawn: HashSet<String>,
    /// Corrections, in order.
    pub(super) corrections: Vec<Correction>,
}

/// One correction of one article.
#[derive(Debug, Clone)]
pub(super) struct Correction {
    pub(super) id: String,
    pub(super) find: String,
    pub(super) replace: String,
    pub(super) at: DateTime<Utc>,
}

impl Edition {
    /// Whether an article does not exist for visitors.
    pub(super) fn hidden(&self, id: &str) -> bool {
        self.pending.contains(id) || self.withdrawn.contains(id)
    }

    fn published_at(&self, id: &str) -> Option<DateTime<Tz>> {
        self.published.iter().find(|(known, _)| known == id).map(|(_, at)| at.with_timezone(&ZONE))
    }

    /// The corrections of one article.
    fn corrected(&self, id: &str, text: String) -> String {
        let own = self.corrections.iter().filter(|c| c.id == id);
        own.fold(text, |text, c| text.replace(&c.find, &c.replace))
    }

    /// A page of HTML.
    pub(super) fn html(&self, source: &str) -> String {
        if !source.contains("data-id=") && !source.contains("demo:id") {
            return source.to_owned();
        }
        let own = article_id(source);
        let source = own.as_deref().map_or_else(|| source.to_owned(), |id| self.corrected(id, source.to_owned()));
        let doc = Document::from(source);
        for card in doc.select("[data-id]").nodes() {
            let id = card.attr_or("data-id", "");
            if self.hidden(&id) {
                card.remove_from_parent();
            } else if self.corrections.iter().any(|c| *c.id == *id) {
                card.replace_with_html(self.corrected(&id, card.html().to_string()));
            }
        }
        if own.is_none() {
            self.newest_first(&doc);
        }
        for element in doc.select("[data-date]").nodes() {
            let id = std::iter::once(*element)
                .chain(element.ancestors(None))
                .find_map(|e| e.attr("data-id"))
                .map(|id| id.to_string())
                .or_else(|| own.clone());
            if let Some(at) = id.and_then(|id| self.published_at(&id)) {
                redate(element, at);
            }
        }
        self.hide_links(&doc);
        if let Some(last) = self.corrections.iter().rfind(|c| Some(&c.id) == own.as_ref()) {
            stamp(&doc, last.at.with_timezone(&ZONE));
        }
        // The marks are the demo's own: an ordinary site has none, and nobody may be led by them.
        doc.select("meta[name='demo:id']").remove();
        doc.select("[data-id], [data-date]").remove_attrs(&["data-id", "data-date"]);
        doc.html().to_string()
    }

    /// No page links to what does not exist: such a link leads to the folder, an alternate goes away.
    fn hide_links(&self, doc: &Document) {
        for link in doc.select("a[href], link[rel=alternate][href]").nodes() {
            let href = link.attr_or("href", "");
            let (folder, file) = href.rsplit_once('/').map_or(("", &*href), |(folder, file)| (folder, file));
            if !file.split(['.', '#', '?']).next().is_some_and(|id| self.hidden(id)) {
                continue;
            }
            if link.has_name("link") {
                link.remove_from_parent();
            } else if folder.is_empty() {
                link.set_attr("href", "index.html");
            } else {
                link.set_attr("href", &format!("{folder}/index.html"));
            }
        }
    }

    /// Puts what was published during the demo before its siblings in listings.
    fn newest_first(&self, doc: &Document) {
        for (id, _) in &self.published {
            for card in doc.select("[data-id]").nodes().iter().filter(|c| *c.attr_or("data-id", "") == **id) {
                let first = card
                    .parent()
                    .and_then(|list| list.element_children().into_iter().find(|sibling| sibling.has_attr("data-id")));
                if let Some(first) = first.filter(|first| first.id != card.id) {
                    first.insert_before(card);
                }
            }
        }
    }

    /// An RSS feed (`<item>`, `<pubDate>`) or a sitemap (`<url>`, `<lastmod>`).
    pub(super) fn xml(&self, source: &str) -> String {
        let (tag, date) = if source.contains("<urlset") { ("url", "lastmod") } else { ("item", "pubDate") };
        let close = format!("</{tag}>");
        let first = [format!("<{tag}>"), format!("<{tag} ")].iter().filter_map(|open| source.find(open)).min();
        let (Some(start), Some(end)) = (first, source.rfind(&close)) else { return source.to_owned() };
        let (head, tail) = (source.get(..start).unwrap_or(source), source.get(end + close.len()..).unwrap_or_default());
        let mut fresh: Vec<(DateTime<Utc>, String)> = Vec::new();
        let mut rest: Vec<String> = Vec::new();
        for item in source.get(start..end).unwrap_or_default().split(&close) {
            let item = format!("{}{close}", item.trim_start());
            if self.pending.iter().chain(&self.withdrawn).any(|id| names(&item, id)) {
                continue;
            }
            let mut item = self
                .corrections
                .iter()
                .filter(|c| names(&item, &c.id))
                .fold(item.clone(), |item, c| item.replace(&c.find, &c.replace));
            if let Some((_, at)) = self.published.iter().find(|(id, _)| names(&item, id)) {
                let local = at.with_timezone(&ZONE);
                let text = if tag == "url" { Style::Iso.write(local) } else { local.to_rfc2822() };
                set_element(&mut item, date, &text);
                fresh.push((*at, item));
            } else {
                rest.push(item);
            }
        }
        fresh.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let items: Vec<String> = fresh.into_iter().map(|(_, item)| item).chain(rest).collect();
        let indent = head.rsplit('\n').next().filter(|line| line.trim().is_empty()).unwrap_or_default();
        let mut head = head.to_owned();
        if let Some((_, at)) = self.published.last() {
            for name in ["lastBuildDate", "pubDate"] {
                set_element(&mut head, name, &at.with_timezone(&ZONE).to_rfc2822());
            }
        }
        format!("{head}{}{tail}", unmarked(&items.join(&format!("\n{indent}"))))
    }
}

/// The id that an article page gives itself.
pub(super) fn article_id(html: &str) -> Option<String> {
    let at = html.find("demo:id")?;
    let start = html.get(..at)?.rfind('<')?;
    let tag = html.get(start..)?.split('>').next()?;
    let value = tag.split("content=\"").nth(1)?.split('"').next()?;
    Some(value.to_owned())
}

/// Whether a feed item or sitemap entry is about an article: it is marked so, or its address contains the id.
fn names(item: &str, id: &str) -> bool {
    if item.contains(&format!("data-id=\"{id}\"")) {
        return true;
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    ["<link>", "<guid", "<loc>"].iter().filter_map(|tag| item.split(tag).nth(1)).any(|value| {
        let value = value.split("</").next().unwrap_or_default();
        value.match_indices(id).any(|(at, _)| {
            !value.get(..at).is_some_and(|b| b.ends_with(is_word))
                && !value.get(at + id.len()..).is_some_and(|a| a.starts_with(is_word))
        })
    })
}

/// XML without the demo's marks.
fn unmarked(xml: &str) -> String {
    ["data-id", "data-date"].iter().fold(xml.to_owned(), |xml, name| {
        let mark = format!(" {name}=\"");
        let mut pieces = xml.split(&mark);
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            out.push_str(piece.split_once('"').map_or(piece, |(_, rest)| rest));
        }
        out
    })
}

/// Sets the text of the first `<name>…</name>` of a piece of XML, if it is there.
fn set_element(xml: &mut String, name: &str, text: &str) {
    let Some(open) = [format!("<{name}>"), format!("<{name} ")].iter().filter_map(|open| xml.find(open)).min() else {
        return;
    };
    let start = xml.get(open..).and_then(|rest| rest.find('>')).map(|at| open + at + 1);
    let end = xml.get(open..).and_then(|rest| rest.find(&format!("</{name}>"))).map(|at| open + at);
    if let (Some(start), Some(end)) = (start, end)
        && start <= end
    {
        xml.replace_range(start..end, text);
    }
}

/// Writes a moment into an element, in every style its `data-date` names.
fn redate(element: &NodeRef, at: DateTime<Tz>) {
    for attribute in ["datetime", "content"] {
        if element.has_attr(attribute) {
            element.set_attr(attribute, &Style::Iso.write(at));
        }
    }
    for style in element.attr_or("data-date", "").split_ascii_whitespace().filter_map(Style::from_name) {
        if style == Style::Iso {
            continue;
        }
        for text in element.descendants().iter().filter(|node| node.is_text()) {
            if let Some(new) = style.rewrite(&text.text(), at) {
                text.set_text(new);
                break;
            }
        }
    }
}

/// Says in a page's metadata when it was last changed.
fn stamp(doc: &Document, at: DateTime<Tz>) {
    let at = Style::Iso.write(at);
    doc.select("meta[property='article:modified_time'], meta[itemprop=dateModified]").set_attr("content", &at);
    for script in doc.select("script[type='application/ld+json']").nodes() {
        if let Some(json) = rewrite_json(&script.text(), &["dateModified"], &at) {
            script.set_text(json);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    const LISTING: &str = r#"<!doctype html><html><head><title>Tin</title></head><body><ul>
        <li data-id="cu-1"><a href="cu-1.html">Cũ</a> <span data-date="vi-short">01/11/2026</span></li>
        <li data-id="moi-2"><a href="moi-2.html">Mới</a> <span data-date="vi-short">01/11/2026</span></li>
        </ul></body></html>"#;
    const ARTICLE: &str = r#"<!doctype html><html><head><meta name="demo:id" content="moi-2">
        <meta property="article:published_time" content="2026-11-01T08:00:00+07:00" data-date="iso">
        <script type="application/ld+json" data-date="jsonld">{"datePublished":"2026-11-01","headline":"A & B"}</script>
        </head><body><p><b data-date="vi-dateline">Ngày 1-11</b>, có 12 người.</p>
        <ul><li data-id="cu-1"><span data-date="vi-short">01/11/2026</span></li></ul></body></html>"#;

    fn edition() -> Edition {
        Edition { pending: HashSet::from(["moi-2".to_owned()]), ..Edition::default() }
    }

    fn publish(edition: &mut Edition) {
        edition.pending.clear();
        edition.published.push(("moi-2".into(), Utc.with_ymd_and_hms(2026, 11, 23, 1, 5, 0).unwrap()));
    }

    #[test]
    fn a_listing_hides_what_is_pending_and_puts_what_is_published_first() {
        let mut edition = edition();
        assert!(!edition.html(LISTING).contains("moi-2"));
        publish(&mut edition);
        let html = edition.html(LISTING);
        assert!(html.find("moi-2").unwrap() < html.find("cu-1").unwrap());
        assert!(html.contains("23/11/2026") && html.contains("01/11/2026"));
        edition.withdrawn.insert("cu-1".into());
        assert!(!edition.html(LISTING).contains("cu-1"));
    }

    #[test]
    fn an_article_gets_its_own_dates_and_its_relations_keep_theirs() {
        let mut edition = edition();
        publish(&mut edition);
        let html = edition.html(ARTICLE);
        assert!(html.contains(r#"content="2026-11-23T08:05:00+07:00""#), "{html}");
        assert!(html.contains(r#"{"datePublished":"2026-11-23T08:05:00+07:00","headline":"A & B"}"#), "{html}");
        assert!(html.contains("Ngày 23-11</b>, có 12 người") && html.contains("01/11/2026"), "{html}");
    }

    #[test]
    fn a_correction_reaches_the_article_and_its_cards_only() {
        let mut edition = edition();
        publish(&mut edition);
        let at = Utc.with_ymd_and_hms(2026, 11, 23, 2, 0, 0).unwrap();
        for (find, replace) in [("12 người", "13 người"), ("Mới", "Mới hơn"), ("Cũ", "Hỏng")] {
            edition.corrections.push(Correction { id: "moi-2".into(), find: find.into(), replace: replace.into(), at });
        }
        assert!(edition.html(ARTICLE).contains("có 13 người"));
        let listing = edition.html(LISTING);
        assert!(listing.contains("Mới hơn") && listing.contains("Cũ") && listing.contains("23/11/2026"), "{listing}");
    }

    #[test]
    fn no_page_links_to_what_is_not_out_and_no_mark_is_served() {
        let page = r#"<html><head><meta name="demo:id" content="cu-1"><link rel="alternate" hreflang="en" href="../en/moi-2.html">
            </head><body><a href="../en/moi-2.html#a">English</a> <a href="moi-20.html">x</a></body></html>"#;
        let html = edition().html(page);
        assert!(!html.contains("moi-2.html") && !html.contains("demo:id"), "{html}");
        assert!(html.contains(r#"<a href="../en/index.html">"#) && html.contains("moi-20.html"), "{html}");
    }

    #[test]
    fn a_feed_follows() {
        let item = |id: &str| {
            format!(
                "  <item data-id=\"{id}\"><link>{id}.html</link><pubDate data-date=\"rfc2822\">old</pubDate></item>\n"
            )
        };
        let feed = format!(
            "<rss><channel><lastBuildDate>old</lastBuildDate>\n{}{}{}</channel></rss>",
            item("cu-1"),
            item("cu-12"),
            item("moi-2").replace("data-id", "data-nothing")
        );
        let mut edition = edition();
        assert!(!edition.xml(&feed).contains("moi-2"));
        publish(&mut edition);
        edition.withdrawn.insert("cu-1".into());
        insta::assert_snapshot!(edition.xml(&feed), @r#"
        <rss><channel><lastBuildDate>Mon, 23 Nov 2026 08:05:00 +0700</lastBuildDate>
          <item data-nothing="moi-2"><link>moi-2.html</link><pubDate>Mon, 23 Nov 2026 08:05:00 +0700</pubDate></item>
          <item><link>cu-12.html</link><pubDate>old</pubDate></item>
        </channel></rss>
        "#);
    }
}
