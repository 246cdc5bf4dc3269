//! JSON: what an API answers, or what a page carries in a script. `[section.SLUG.json]` names the fields by paths; what
//! it does not name is found by the names that systems use (Ghost, JSON:API, SharePoint, Joomla, home-made ones).

mod dates;
mod items;
mod paths;
mod script;
mod words;

use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

use self::items::Found;
use super::{Context, Kind, Listing, SourceError, date_options, people, plain, sniff};
use crate::article::{Candidate, SourceDate};
use crate::config::{JsonRules, Section};
use crate::fetch::{Document, bound};

/// The kind.
pub struct Json;

/// Most articles taken from one answer.
const MOST: usize = 100;
/// Fewest articles for which a page's own state is taken without being named.
const FEWEST: usize = 3;

impl Kind for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn recognises(&self, document: &Document) -> bool {
        let named = document.media_type.ends_with("json") || sniff::is_general(&document.media_type);
        named && sniff::head(&document.bytes).starts_with(['{', '['])
    }

    fn list(&self, document: &Document, context: Context<'_>) -> Result<Listing, SourceError> {
        let broken = |reason| SourceError::Broken { url: document.url.to_string(), reason };
        let rules = &context.section.json;
        let text = document.text();
        let mut why = Vec::new();
        let root = match &rules.script {
            Some(rule) if !self.recognises(document) => {
                why.push(format!("the JSON in the page, `{rule}`"));
                script::named(&text, rule)
            }
            _ => bound::json(&text),
        };
        let root = root.map_err(broken)?;
        let items = if let Some(path) = &rules.items {
            let items: Vec<&Value> = paths::all(&root, path).into_iter().flat_map(items::entries).collect();
            why.push(match items.len() {
                0 => told_missing(&root, path),
                count => format!("`{path}`: {count} entries"),
            });
            items
        } else {
            let lists = items::lists(&root);
            tell(&lists, &mut why);
            lists.into_iter().next().map(|found| found.items).unwrap_or_default()
        };
        let mut listing = Listing { kind: self.name(), why, ..Listing::default() };
        take(&items, document, context, &mut listing);
        listing.next = next(&root, document, rules, items.len());
        Ok(listing)
    }
}

/// Whether a section reads the JSON inside its pages.
pub fn is_meant(document: &Document, section: &Section) -> bool {
    section.json.script.is_some() && !Json.recognises(document) && sniff::head(&document.bytes).starts_with('<')
}

/// The articles of a page's own state, where exactly one list in it can be them: for pages that show nothing without
/// JavaScript.
pub fn in_page(document: &Document, context: Context<'_>) -> Option<Listing> {
    let mut best: Option<Listing> = None;
    for (name, root) in script::found(&document.text()) {
        let lists = items::lists(&root);
        let Some(found) = lists.first().filter(|found| found.dated && found.items.len() >= FEWEST) else { continue };
        let mut listing = Listing { kind: Json.name(), confidence: 0.8, ..Listing::default() };
        listing.why.push(format!("the page itself shows no article, its script `{name}` holds them"));
        tell(&lists, &mut listing.why);
        take(&found.items, document, context, &mut listing);
        if listing.candidates.len() >= FEWEST
            && best.as_ref().is_none_or(|best| best.candidates.len() < listing.candidates.len())
        {
            best = Some(listing);
        }
    }
    best
}

/// Which list was taken, and which were not.
fn tell(lists: &[Found<'_>], why: &mut Vec<String>) {
    let shown = |found: &Found<'_>| match found.path.as_str() {
        "" => format!("the {} entries of the answer itself", found.items.len()),
        path => format!("`{path}` ({} entries)", found.items.len()),
    };
    match lists {
        [] => why.push(
            "no list in this JSON reads like articles (title, address and date); name it in [section.SLUG.json] items"
                .to_owned(),
        ),
        [best, others @ ..] => {
            why.push(format!("taken: {}", shown(best)));
            for other in others.iter().take(5) {
                why.push(format!("not taken: {}, which reads less like articles", shown(other)));
            }
        }
    }
}

/// Where a configured path stops leading anywhere.
fn told_missing(root: &Value, path: &str) -> String {
    let mut good = "";
    for (end, _) in path.match_indices('.').chain(std::iter::once((path.len(), ""))) {
        let part = path.get(..end).unwrap_or(path);
        if paths::all(root, part).is_empty() {
            break;
        }
        good = part;
    }
    if good == path {
        return format!("`{path}` is there and has no entries");
    }
    let names: Vec<String> = paths::all(root, good)
        .first()
        .and_then(|value| value.as_object())
        .map(|object| object.keys().take(12).map(|name| format!("`{name}`")).collect())
        .unwrap_or_default();
    let place = if good.is_empty() { "the answer" } else { good };
    format!("`items = \"{path}\"` leads nowhere; {place} has {}", names.join(", "))
}

/// Turns the entries into candidates.
fn take(items: &[&Value], document: &Document, context: Context<'_>, listing: &mut Listing) {
    let mut without = BTreeMap::new();
    for item in items.iter().take(MOST) {
        match candidate(item, document, context) {
            Ok(candidate) => listing.candidates.push(candidate),
            Err(missing) => *without.entry(missing).or_insert(0usize) += 1,
        }
    }
    for (missing, count) in without {
        listing.why.push(format!(
            "{count} entries were left out: {missing}; [section.SLUG.json] can say where it is, as url = \
             \"https://www.example.vn/{{slug}}.html\""
        ));
    }
}

/// One entry; the error says what it lacks.
fn candidate(item: &Value, document: &Document, context: Context<'_>) -> Result<Candidate, &'static str> {
    let rules = &context.section.json;
    let value = |path: &Option<String>, names: &[&str]| match path {
        Some(path) => paths::all(item, path).into_iter().find(|value| !value.is_null()),
        None => words::field(item, names),
    };
    let text = |path: &Option<String>, names: &[&str]| value(path, names).and_then(words::said);
    let address = match &rules.url {
        Some(template) if template.contains('{') => paths::fill(template, item),
        Some(path) => paths::text(item, path),
        None => address_text(item),
    };
    let url = address.and_then(|address| web(&address, &document.url)).ok_or("no address in them")?;
    let mut found = Candidate::of(url);
    let clean = |text: String| Some(plain::of_html(&text)).filter(|text| !text.is_empty());
    found.title = text(&rules.title, words::TITLE).and_then(clean);
    if found.title.is_none() && rules.title.is_some() {
        return Err("no title in them");
    }
    found.lead = text(&rules.lead, words::LEAD).and_then(clean).filter(|lead| found.title.as_ref() != Some(lead));
    found.body =
        text(&rules.body, words::BODY).map(|body| if body.contains('<') { body } else { plain::paragraphs(&body) });
    found.image = text(&rules.image, words::IMAGE).and_then(|image| picture(&image, &document.url));
    let names = |path: &Option<String>, names: &[&str]| -> Vec<String> {
        let values: Vec<&Value> = match path {
            Some(path) => paths::all(item, path),
            None => words::field(item, names).into_iter().collect(),
        };
        values.into_iter().flat_map(words::all_said).filter_map(clean).collect()
    };
    found.byline = people(names(&rules.byline, words::BYLINE));
    for tag in names(&rules.tags, words::TAGS) {
        let is_number = tag.bytes().all(|b| b.is_ascii_digit());
        if !is_number && !found.tags.contains(&tag) {
            found.tags.push(tag);
        }
    }
    let options = date_options(context);
    let date = |path: &Option<String>, names: &[&str]| {
        let at = dates::moment(value(path, names)?, &options)?;
        Some(SourceDate { at, provenance: "json".to_owned() })
    };
    found.published = date(&rules.date, words::PUBLISHED);
    found.updated = date(&rules.updated, words::UPDATED).filter(|updated| found.published.as_ref() != Some(updated));
    found.native_id = match &rules.id {
        Some(path) => paths::text(item, path),
        // A small number names an article among its kind only, and an address may be that of another kind.
        None => words::field(item, &["guid", "uuid", "id"]).and_then(words::said).filter(|id| id.len() >= 16),
    };
    Ok(found)
}

/// The text an address is made of, where the configuration does not say: never one of the API itself.
fn address_text(item: &Value) -> Option<String> {
    let text = words::field(item, words::URL).and_then(words::said)?;
    let is_address = text.starts_with("http") || text.contains('/') || text.contains(".htm") || text.contains(".aspx");
    (is_address && !text.contains("/_api/") && !text.contains("/jsonapi/")).then_some(text)
}

fn web(text: &str, base: &Url) -> Option<Url> {
    let url = base.join(text.trim()).ok()?;
    (matches!(url.scheme(), "http" | "https") || url.scheme() == base.scheme()).then_some(url)
}

/// A picture's address; SharePoint keeps it as a piece of HTML, others as `URL, description`.
fn picture(text: &str, base: &Url) -> Option<Url> {
    let address = match text.split_once("src=") {
        Some((_, rest)) => rest.trim_start_matches(['"', '\'']).split(['"', '\'', ' ', '>']).next()?,
        None => text.split(", ").next()?,
    };
    let url = web(address, base)?;
    (url.path().len() > 1).then_some(url)
}

/// The next page: by the configured path or parameter, else where APIs usually name it.
fn next(root: &Value, document: &Document, rules: &JsonRules, items: usize) -> Option<Url> {
    const USUAL: &[&str] =
        &["links.next.href", "links.next", "@odata.nextLink", "odata.nextLink", "d.__next", "next_page_url", "next"];
    let base = &document.url;
    let stated = match &rules.next {
        Some(path) => paths::text(root, path),
        None => USUAL.iter().find_map(|path| paths::text(root, path)),
    };
    match (stated, &rules.page) {
        (Some(stated), Some(name)) if !stated.contains(['/', '?']) => {
            let mut url = base.clone();
            let kept: Vec<(String, String)> = base
                .query_pairs()
                .filter(|(key, _)| key != name)
                .map(|(k, v)| (k.into_owned(), v.into_owned()))
                .collect();
            url.query_pairs_mut().clear().extend_pairs(kept).append_pair(name, &stated);
            Some(url)
        }
        (Some(stated), _) if stated.contains(['/', '?']) => {
            web(&stated, base).filter(|url| url != base && url.host() == base.host())
        }
        (None, Some(name)) if rules.next.is_none() && items > 0 => {
            let page = base.query_pairs().find(|(key, _)| key == name).and_then(|(_, page)| page.parse::<usize>().ok());
            Some(super::with_page(base, name, page.unwrap_or(1) + 1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
