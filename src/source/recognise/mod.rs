//! Which ways lead from a section's page to its articles: the feeds it names ([`named`]), the feeds and APIs that its
//! system is known to have ([`systems`]), and addresses worth a guess where the page itself lists nothing. Hands on
//! [`Proposal`]s in the order in which they are worth a request, and [`judge`]s what came back against the page's own
//! list. Pure: whoever fetches is `app::recognise`.

pub mod facts;
mod judge;
pub mod menu;
mod named;
pub mod paging;
mod scope;
mod systems;

use dom_query::Document as Dom;
use url::Url;

pub use self::judge::{Match, judge};
pub use self::scope::{Scope, scope};
pub use self::systems::System;
use super::Listing;
use crate::article::canonical;
use crate::fetch::Document;
use crate::fetch::bound::bound_html;

/// From how many articles on a page has a list of its own, against which other ways are held.
pub const LIST: usize = 3;
/// From this confidence on (of 100) a way needs no help from the admin.
pub const SURE: u8 = 70;
/// Most ways of one sort that are tried.
const MOST_NAMED: usize = 4;

/// One way to look for a section's articles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The kind of source that reads it ("feed", "html", …).
    pub kind: String,
    /// Where it is.
    pub url: Url,
    /// Why it was chosen, as one sentence.
    pub why: String,
    /// How sure that is, 0 to 100.
    pub confidence: u8,
    /// Whether it stands for more than the section, so that what is new in it has to be held against the page.
    pub shared: bool,
}

/// A way that has not been tried yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Where to ask.
    pub url: Url,
    /// Why it is worth a request.
    pub why: String,
}

/// A page and what it tells of other ways.
pub struct Signs {
    dom: Dom,
    text: String,
    url: Url,
    base: Url,
}

/// Pieces of which any page that tells of another way has one; what has none is not read for it.
const TELLING: &[&str] = &[
    "alternate",
    "enerator",
    "rss",
    "RSS",
    "feed",
    "atom",
    "wp-",
    "nv_",
    "iferay",
    "_layouts",
    "drupal",
    "joomla",
    "api.w.org",
];

impl Signs {
    /// Whether a page may tell of other ways, by a look at its bytes alone.
    pub fn may_tell(document: &Document) -> bool {
        let text = String::from_utf8_lossy(&document.bytes);
        TELLING.iter().any(|piece| text.contains(piece))
    }

    /// Reads a page.
    pub fn of(document: &Document) -> Self {
        let text = document.text();
        let dom = Dom::from(bound_html(&text).as_ref());
        let base = dom.select_single("base[href]").attr("href").and_then(|href| document.url.join(href.trim()).ok());
        let base = base.filter(is_web).unwrap_or_else(|| document.url.clone());
        Self { dom, text, url: document.url.clone(), base }
    }

    /// The address an `href` leads to, on the web and without a fragment.
    fn address(&self, href: &str) -> Option<Url> {
        let href = href.trim().replace("&amp;", "&");
        if href.is_empty() || href.starts_with('#') {
            return None;
        }
        let mut url = self.base.join(&href).ok().filter(is_web)?;
        url.set_fragment(None);
        Some(url)
    }

    /// The system the page was made by, as far as it shows.
    pub fn system(&self) -> Option<&'static System> {
        systems::of(self)
    }

    /// The ways worth a request, best first. The page itself lists `count` articles, and its list is `sure` or not.
    pub fn proposals(&self, count: usize, sure: bool) -> Vec<Proposal> {
        let mut all = Vec::new();
        all.extend(named::feeds(self).into_iter().take(MOST_NAMED));
        if let Some(system) = self.system() {
            all.extend(
                (system.ways)(self)
                    .into_iter()
                    .map(|url| Proposal { url, why: format!("the page is made by {}, which has it", system.name) }),
            );
        }
        all.extend(named::links(self).into_iter().take(MOST_NAMED));
        if !sure || count < LIST {
            all.extend(systems::guesses(self).into_iter().map(|url| Proposal {
                url,
                why: "the page itself lists too little, and such addresses are common".to_owned(),
            }));
        }
        let mut seen = std::collections::HashSet::from([canonical::key(&self.url)]);
        all.retain(|proposal| seen.insert(spelling(&proposal.url)));
        all
    }
}

/// The spelling by which two proposals are the same request. Unlike for articles, a slash at the end counts.
fn spelling(url: &Url) -> String {
    let slash = if url.path().ends_with('/') { "/" } else { "" };
    canonical::key(url) + slash
}

/// Leaves of a sitemap that stands for a whole site what lies below the section's page.
pub fn narrow(section: &Url, listing: &mut Listing) {
    if listing.kind != "sitemap" || scope::is_front(section) {
        return;
    }
    let path = section.path().trim_end_matches('/');
    let below = format!("{}/", path.rsplit_once('.').map_or(path, |(stem, _)| stem));
    listing
        .candidates
        .retain(|candidate| candidate.url.host_str() == section.host_str() && candidate.url.path().starts_with(&below));
    listing.why.push(format!("of the sitemap, what lies below {below} is the section's"));
}

/// The sitemaps that a `robots.txt` names, those of news first, then the usual addresses of news sitemaps.
pub fn sitemaps(section: &Url, robots: &str) -> Vec<Proposal> {
    let named = robots.lines().filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case("sitemap").then(|| section.join(value.trim()).ok()).flatten()
    });
    let mut found: Vec<Proposal> =
        named.map(|url| Proposal { url, why: "robots.txt names this sitemap".to_owned() }).collect();
    found.sort_by_key(|proposal| !proposal.url.path().to_ascii_lowercase().contains("news"));
    found.truncate(2);
    for usual in ["/sitemap-news.xml", "/news-sitemap.xml", "/sitemap.xml"] {
        if let Ok(url) = section.join(usual)
            && !found.iter().any(|known| known.url == url)
        {
            found.push(Proposal {
                url,
                why: "the page itself lists too little, and sites keep a sitemap there".to_owned(),
            });
        }
    }
    found
}

/// http or https.
fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

#[cfg(test)]
mod tests;
