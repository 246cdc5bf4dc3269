//! Reads an article from an HTML page: one parse, then each field by the rules of its own module.

use std::collections::HashSet;

use url::Url;

use super::blocks::{self, Block};
use super::metadata::{self, Metadata};
use super::page::Page;
use super::{
    Context, ExtractError, around, attachments, author, body, byline, captions, image, language, lead, official,
    section, tags, title, when,
};
use crate::article::{Candidate, Moment, Picture, Reading, SourceDate, clean};
use crate::fetch::bound::bound_html;

/// Reads a page.
pub(super) fn read(html: &str, url: &Url, candidate: &Candidate, context: &Context) -> Result<Reading, ExtractError> {
    let page = Page::parse(html, url);
    let rules = &context.rules;
    let said = metadata::read(&page);
    let mut out = Reading::default();
    let mut from = |field: &str, source: &str| {
        out.provenance.insert(field.to_owned(), source.to_owned());
    };

    let body::Body { blocks: found, source, given, boxes } =
        body::find(&page, rules, &said).ok_or_else(|| ExtractError::Empty { url: url.to_string(), missing: "text" })?;
    from("text", source);

    let own = rules.article_title.as_deref();
    let (title, source) = title::find(&page, own, &said, candidate.title.as_deref(), &found, &boxes)
        .filter(|(title, _)| !title.is_empty())
        .ok_or_else(|| ExtractError::Empty { url: url.to_string(), missing: "title" })?;
    from("title", source);

    let options = when::options(context);
    let found = captions::bind(found);
    // Where the section names all that may stand around the body, nothing is looked for there.
    let alone = given.filter(|_| rules.byline.is_some() && rules.article_lead.is_some());
    let around = match alone {
        Some(_) => None,
        None => around::find(&page, &title, &found, &boxes),
    };
    let (before, after): (&[Block], &[Block]) =
        around.as_ref().map_or((&[], &[]), |around| (around.before.as_slice(), around.after.as_slice()));
    let found = match &around {
        Some(around) => captions::mend(found, &around.pictures),
        None => found,
    };
    let apart = match rules.article_lead.as_deref() {
        Some(selector) => page.first_text(selector),
        None => lead::set_apart(&page, &boxes),
    };
    let edges = body::Around { title: &title, lead: apart.as_deref(), said: &said, dates: &options };
    // The by-line stands below the text, and may stand above or below what else does.
    let (line, found) = byline::take(found);
    let found = body::above(found, &edges);
    let (line, found) = if line.is_none() { byline::take(found) } else { (line, found) };
    let (line, mut found) = match (line, body::below(found, &options)) {
        (None, found) => byline::take(found),
        (line, found) => (line, found),
    };
    // The site's banner above the text is no picture of the article.
    let first_text = found.iter().position(|block| block.picture().is_none()).unwrap_or(0);
    let mut index = 0;
    found.retain(|block| {
        index += 1;
        index > first_text || block.picture().is_none_or(|picture| !image::is_emblem_address(&picture.url))
    });

    let own = rules.byline.as_deref().and_then(|selector| page.first_text(selector));
    let named = match (own, line) {
        (Some(own), _) => byline::tidy(&own).map(|name| (name, "selector")),
        (None, Some(line)) => Some((line, "end of the text")),
        (None, None) => byline::below(after)
            .map(|name| (name, "below the text"))
            .or_else(|| {
                let (head, foot): (&[String], &[String]) =
                    around.as_ref().map_or((&[], &[]), |around| (&around.head, &around.foot));
                author::find(&page, &said, &author::Beside { before, head, foot }, &boxes)
            })
            .or_else(|| Some((candidate.byline.clone()?, "listing"))),
    };
    if let Some((_, source)) = &named {
        from("byline", source);
    }
    let pictures: Vec<Picture> = found.iter().filter_map(Block::picture).cloned().collect();
    let html = clean::clean_html(&blocks::to_html(&found), &page.base);
    let plain = clean::to_text(&html);
    if plain.is_empty() && pictures.is_empty() {
        return Err(ExtractError::Empty { url: url.to_string(), missing: "text" });
    }

    let place = lead::Place { furniture: &boxes, before, blocks: &found };
    let lead = lead::find(&page, rules.article_lead.as_deref(), &said, candidate.lead.as_deref(), &plain, &place);
    if let Some((_, source)) = &lead {
        from("lead", source);
    }
    let home = around
        .as_ref()
        .map(|around| around.home)
        .or_else(|| alone.and_then(|body| around::home(&body, &title)))
        .or_else(|| page.tree.body());
    let document = home.and_then(|home| official::find(&home, &options, &boxes));
    let (published, updated) = when::find(&page, &said, &title, candidate, context);
    // A document without another date was published on the day of its issue.
    let issued = document.as_ref().and_then(|document| Moment::from_text(document.date.as_deref()?));
    let published = published.or_else(|| Some(SourceDate { at: issued?, provenance: "date of issue".to_owned() }));
    for (field, date) in [("published", &published), ("updated", &updated)] {
        if let Some(date) = date {
            from(field, &date.provenance);
        }
    }
    let (language, source) = language::find(said.language.as_deref(), &plain, context.language);
    from("language", source);
    let image = image::find(&page, &said, candidate, &pictures);
    if let Some((_, source)) = &image {
        from("image", source);
    }
    let (tags, source) = tags::find(&page, &said, candidate);
    if !tags.is_empty() {
        from("tags", source);
    }
    let section = section::find(&page, &said, &title);
    if let Some((_, source)) = &section {
        from("section", source);
    }
    let attachments = home.map(|home| attachments::find(&home, &page.base, &boxes)).unwrap_or_default();
    let canonical = canonical(&page, &said);
    if let (Some(_), Some((_, source))) = (&canonical, &said.canonical) {
        from("canonical", source);
    }
    Ok(Reading {
        title,
        lead: lead.map(|(lead, _)| lead),
        byline: named.map(|(name, _)| name),
        html,
        text: plain,
        language: Some(language),
        image: image.map(|(image, _)| image),
        pictures,
        tags,
        section: section.map(|(name, _)| name),
        attachments,
        measured: Vec::new(),
        document,
        published,
        updated,
        canonical,
        provenance: out.provenance,
    })
}

/// The page's own address, if it is on the same site: a canonical link to elsewhere or to the front page is a
/// mistake that would melt articles into one.
fn canonical(page: &Page, said: &Metadata) -> Option<Url> {
    let (value, _) = said.canonical.as_ref()?;
    let url = page.base.join(value).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
    let front = url.path().trim_end_matches('/').is_empty() && url.query().is_none();
    let here = page.url.scheme() == "file" || host(&url) == host(&page.url);
    (!front && here).then_some(url)
}

/// The reading of an HTML body that comes without its page.
pub(super) fn fragment(html: &str, base: &Url) -> (Option<String>, String, Vec<Picture>) {
    let page = Page::parse(&bound_html(html), base);
    let found = captions::bind(super::tail::cut(blocks::build(&page.tree.root(), base, &HashSet::new()), &[]));
    let (line, found) = byline::take(found);
    let pictures = found.iter().filter_map(Block::picture).cloned().collect();
    (line, clean::clean_html(&blocks::to_html(&found), base), pictures)
}
