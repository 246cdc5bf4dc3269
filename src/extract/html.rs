//! Reads an article from an HTML page: one parse, then each field by the rules of its own module.

use url::Url;

use super::blocks::{self, Block};
use super::metadata::{self, Metadata};
use super::page::{Page, attribute, text_of};
use super::{Context, ExtractError, body, byline, captions, language, lead, title, when};
use crate::article::{Candidate, Picture, Reading, clean, picture};
use crate::fetch::bound::bound_html;

/// Most tags of an article.
const MOST_TAGS: usize = 12;

/// Reads a page.
pub(super) fn read(html: &str, url: &Url, candidate: &Candidate, context: &Context) -> Result<Reading, ExtractError> {
    let page = Page::parse(html, url);
    let rules = &context.rules;
    let said = metadata::read(&page);
    let mut out = Reading::default();
    let mut from = |field: &str, source: &str| {
        out.provenance.insert(field.to_owned(), source.to_owned());
    };

    let (title, source) = title::find(&page, rules.article_title.as_deref(), &said, candidate.title.as_deref())
        .filter(|(title, _)| !title.is_empty())
        .ok_or_else(|| ExtractError::Empty { url: url.to_string(), missing: "title" })?;
    from("title", source);

    let (found, source) =
        body::find(&page, rules, &said).ok_or_else(|| ExtractError::Empty { url: url.to_string(), missing: "text" })?;
    from("text", source);
    let options = when::options(context);
    let apart = match rules.article_lead.as_deref() {
        Some(selector) => page.first_text(selector),
        None => lead::set_apart(&page),
    };
    let around = body::Around { title: &title, lead: apart.as_deref(), said: &said, dates: &options };
    let found = body::above(captions::bind(found), &around);
    // The by-line stands below the text, and may stand above or below what else does.
    let (line, found) = byline::take(found);
    let (line, found) = match (line, body::below(found, &options)) {
        (None, found) => byline::take(found),
        (line, found) => (line, found),
    };

    let named = match (rules.byline.as_deref().and_then(|selector| page.first_text(selector)), line) {
        (Some(own), _) => byline::tidy(&own).map(|name| (name, "selector")),
        (None, Some(line)) => Some((line, "end of the text")),
        (None, None) => author(&page, &said).or_else(|| Some((candidate.byline.clone()?, "listing"))),
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

    let lead = lead::find(&page, rules.article_lead.as_deref(), &said, candidate.lead.as_deref(), &plain);
    if let Some((_, source)) = &lead {
        from("lead", source);
    }
    let (published, updated) = when::find(&page, &said, &title, candidate, context);
    for (field, date) in [("published", &published), ("updated", &updated)] {
        if let Some(date) = date {
            from(field, &date.provenance);
        }
    }
    let (language, source) = language::find(said.language.as_deref(), &plain, context.language);
    from("language", source);
    let image = lead_picture(&page, &said, candidate, &pictures);
    if let Some((_, source)) = &image {
        from("image", source);
    }
    let (tags, source) = tags(&page, &said, candidate);
    if !tags.is_empty() {
        from("tags", source);
    }
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
        published,
        updated,
        canonical,
        provenance: out.provenance,
    })
}

/// The author as the page names him outside its text.
fn author(page: &Page, said: &Metadata) -> Option<(String, &'static str)> {
    let stated = said.authors.iter().find_map(|(name, from)| Some((byline::tidy(name)?, *from)));
    stated.or_else(|| {
        let nodes = "[itemprop~=author] [itemprop~=name],[itemprop~=author],a[rel~=author],.author-name,.byline-name,.byline,.author";
        let node = page.select(nodes).nodes().iter().find_map(|node| {
            let line = attribute(node, "content").unwrap_or_else(|| text_of(node));
            (line.chars().count() <= 80).then(|| byline::tidy(&line)).flatten()
        });
        node.map(|name| (name, "author element"))
    })
    .or_else(|| {
        let nodes = "[class*=author],[class*=byline],[class*=tacgia],[class*=tac-gia],a[href*='/author/'],a[href*='/tac-gia/']";
        let named = page.select(nodes).nodes().iter().find_map(|node| byline::named(&text_of(node)));
        named.map(|name| (name, "author element"))
    })
}

/// The picture that stands for the article: the page's own choice, the first of the body, the listing's.
fn lead_picture(
    page: &Page,
    said: &Metadata,
    candidate: &Candidate,
    pictures: &[Picture],
) -> Option<(Picture, &'static str)> {
    let chosen = said.images.iter().find_map(|(value, from)| {
        let url = picture::absolute(value, &page.base).filter(|url| !is_emblem(url))?;
        let url = String::from(url);
        // The body may know its caption.
        let known = pictures.iter().find(|picture| picture.url == url).cloned();
        Some((known.unwrap_or(Picture { url, ..Picture::default() }), *from))
    });
    chosen
        .or_else(|| {
            pictures.iter().find(|picture| picture.width.is_none_or(|width| width >= 120)).cloned().map(|p| (p, "body"))
        })
        .or_else(|| {
            let url = candidate.image.as_ref().filter(|url| !is_emblem(url))?;
            Some((Picture { url: url.to_string(), ..Picture::default() }, "listing"))
        })
}

/// Whether a picture is the site's emblem rather than the article's.
fn is_emblem(url: &Url) -> bool {
    let name = url.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    ["logo", "favicon", "icon-", "default", "banner", "quochuy", "quoc-huy"].iter().any(|word| name.starts_with(word))
        || name.contains("logo.")
        || matches!(name.rsplit_once('.'), Some((_, "svg" | "ico")))
}

/// Tags: linked ones near the text, else those of the metadata, else the listing's.
fn tags(page: &Page, said: &Metadata, candidate: &Candidate) -> (Vec<String>, &'static str) {
    let nodes = page.select("a[rel~=tag],.tags a,.tag-list a,.post-tags a,.article-tags a,.news-tags a,.keywords a");
    let mut linked: Vec<String> = Vec::new();
    for node in nodes.nodes() {
        let tag = text_of(node).trim_start_matches('#').trim().to_owned();
        if (2..=60).contains(&tag.chars().count()) && !linked.contains(&tag) {
            linked.push(tag);
        }
    }
    if (1..=MOST_TAGS).contains(&linked.len()) {
        return (linked, "tag links");
    }
    if !said.tags.is_empty() {
        return (said.tags.iter().take(MOST_TAGS).cloned().collect(), "meta");
    }
    (candidate.tags.clone(), "listing")
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
    let found = captions::bind(super::tail::cut(blocks::build(&page.tree.root(), base, &[]), &[]));
    let (line, found) = byline::take(found);
    let pictures = found.iter().filter_map(Block::picture).cloned().collect();
    (line, clean::clean_html(&blocks::to_html(&found), base), pictures)
}
