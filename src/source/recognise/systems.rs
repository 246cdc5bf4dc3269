//! Known systems: how their pages show, and where they keep the feed or API of a section.

use url::Url;

use super::{Signs, is_web};

/// A system that publishes sites.
pub struct System {
    /// Its name.
    pub name: &'static str,
    /// What the generator's name begins with, in lower case.
    generator: &'static str,
    /// Traces of it in the page's source; any of them will do.
    traces: &'static [&'static str],
    /// Where the section's feed or API is, best first.
    pub(super) ways: fn(&Signs) -> Vec<Url>,
}

/// Every known system; the first that shows is taken.
static SYSTEMS: &[System] = &[
    System {
        name: "WordPress",
        generator: "wordpress",
        traces: &["https://api.w.org/", "/wp-content/themes/", "/wp-includes/"],
        ways: wordpress,
    },
    System { name: "NukeViet", generator: "nukeviet", traces: &["nv_base_siteurl", "nv_siteroot"], ways: nukeviet },
    System {
        name: "Liferay",
        generator: "liferay",
        traces: &["Liferay.ThemeDisplay", "com_liferay_", "/-/asset_publisher/", "p_p_id_101_INSTANCE_"],
        ways: liferay,
    },
    System {
        name: "SharePoint",
        generator: "microsoft sharepoint",
        traces: &["/_layouts/15/", "_spPageContextInfo"],
        ways: sharepoint,
    },
    System {
        name: "Drupal",
        generator: "drupal",
        traces: &["data-drupal-selector", "drupal-settings-json"],
        ways: drupal,
    },
    System {
        name: "Joomla",
        generator: "joomla",
        traces: &["/media/system/js/", "joomla-script-options"],
        ways: joomla,
    },
    System { name: "Ghost", generator: "ghost", traces: &["/ghost/api/content"], ways: ghost },
    System { name: "Blogger", generator: "blogger", traces: &["/feeds/posts/default"], ways: blogger },
    System { name: "Hugo", generator: "hugo", traces: &[], ways: hugo },
    System { name: "Jekyll", generator: "jekyll", traces: &[], ways: jekyll },
    System { name: "Plone", generator: "plone", traces: &[], ways: plone },
];

pub(super) fn of(signs: &Signs) -> Option<&'static System> {
    let generators: Vec<String> = signs
        .dom
        .select("meta[name=generator i][content]")
        .iter()
        .filter_map(|meta| Some(meta.attr("content")?.trim().to_lowercase()))
        .collect();
    let named = SYSTEMS.iter().find(|system| generators.iter().any(|name| name.starts_with(system.generator)));
    named.or_else(|| SYSTEMS.iter().find(|system| system.traces.iter().any(|trace| signs.text.contains(trace))))
}

/// Addresses worth a guess on a page that lists nothing and was made by nobody known.
pub(super) fn guesses(signs: &Signs) -> Vec<Url> {
    [below(signs, "feed/"), below(signs, "rss"), below(signs, "rss.xml"), before_last(signs, "rss", ".rss")]
        .into_iter()
        .flatten()
        .collect()
}

/// `rest` below the page's own address.
fn below(signs: &Signs, rest: &str) -> Option<Url> {
    let mut url = signs.url.clone();
    url.set_query(None);
    let path = url.path().trim_end_matches('/').to_owned();
    // What is below a file is not there.
    if path.rsplit('/').next().is_some_and(|last| last.contains('.')) {
        return None;
    }
    url.set_path(&format!("{path}/{rest}"));
    Some(url)
}

/// `/a/b/` becomes `/a/<word>/b<end>`.
fn before_last(signs: &Signs, word: &str, end: &str) -> Option<Url> {
    let mut url = signs.url.clone();
    url.set_query(None);
    let path = url.path().trim_end_matches('/').to_owned();
    let (above, last) = path.rsplit_once('/')?;
    if last.is_empty() {
        return None;
    }
    let last = last.split('.').next().unwrap_or(last);
    url.set_path(&format!("{above}/{word}/{last}{end}"));
    Some(url)
}

/// `rest` at the root of the site.
fn at_root(signs: &Signs, rest: &str) -> Option<Url> {
    signs.url.join(rest).ok()
}

fn with_query(signs: &Signs, query: &str) -> Url {
    let mut url = signs.url.clone();
    let query = match url.query() {
        Some(own) if !own.is_empty() => format!("{own}&{query}"),
        _ => query.to_owned(),
    };
    url.set_query(Some(&query));
    url
}

/// The category's feed; the posts of the REST API, by the number the page gives its category.
fn wordpress(signs: &Signs) -> Vec<Url> {
    let feed = below(signs, "feed/");
    let mut api = None;
    for link in &signs.dom.select("link[rel~=alternate][type='application/json'][href]") {
        let Some(url) = link.attr("href").and_then(|href| signs.address(&href)) else { continue };
        let mut parts = url.path().rsplit('/').filter(|part| !part.is_empty());
        let (Some(number), Some(what)) = (parts.next(), parts.next()) else { continue };
        if number.bytes().all(|b| b.is_ascii_digit()) && matches!(what, "categories" | "tags") {
            let Some(root) = url.path().find("/wp/v2/").and_then(|at| url.path().get(..at)) else { continue };
            let mut posts = url.clone();
            posts.set_path(&format!("{root}/wp/v2/posts"));
            posts.set_query(Some(&format!("{what}={number}&per_page=20&_embed=1")));
            api = Some(posts);
        }
    }
    if api.is_none() && super::scope::is_front(&signs.url) {
        let root = signs.dom.select_single("link[rel='https://api.w.org/'][href]").attr("href");
        let root = root.and_then(|href| signs.address(&href));
        api = root.and_then(|root| root.join("wp/v2/posts?per_page=20&_embed=1").ok());
    }
    [feed, api].into_iter().flatten().collect()
}

/// `/<module>/rss/<category>/`, as both forms of its addresses have it.
fn nukeviet(signs: &Signs) -> Vec<Url> {
    [before_last(signs, "rss", "/"), below(signs, "rss/")].into_iter().flatten().collect()
}

/// The RSS of each asset publisher on the page.
fn liferay(signs: &Signs) -> Vec<Url> {
    let mut ids: Vec<&str> = Vec::new();
    for mark in ["AssetPublisherPortlet_INSTANCE_", "p_p_id_101_INSTANCE_", "/asset_publisher/"] {
        for rest in signs.text.split(mark).skip(1) {
            let id = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            if (4..=32).contains(&id.len()) && !ids.contains(&id) && ids.len() < 3 {
                ids.push(id);
            }
        }
    }
    let path = signs.url.path().split("/-/").next().unwrap_or_default().trim_end_matches('/').to_owned();
    ids.into_iter()
        .map(|id| {
            let mut url = signs.url.clone();
            url.set_query(None);
            url.set_path(&format!("{path}/-/asset_publisher/{id}/rss"));
            url
        })
        .collect()
}

/// The feed of each list that the page names.
fn sharepoint(signs: &Signs) -> Vec<Url> {
    let mut found = Vec::new();
    for rest in signs.text.split("listfeed.aspx?List=").skip(1).take(8) {
        let id = rest.split(|c: char| !c.is_ascii_alphanumeric() && !"-%{}".contains(c)).next().unwrap_or_default();
        if let Some(url) = at_root(signs, &format!("/_layouts/15/listfeed.aspx?List={id}"))
            && !found.contains(&url)
            && found.len() < 3
        {
            found.push(url);
        }
    }
    found
}

fn drupal(signs: &Signs) -> Vec<Url> {
    [below(signs, "rss.xml"), below(signs, "feed"), at_root(signs, "/rss.xml")].into_iter().flatten().collect()
}

fn joomla(signs: &Signs) -> Vec<Url> {
    vec![with_query(signs, "format=feed&type=rss")]
}

fn ghost(signs: &Signs) -> Vec<Url> {
    [below(signs, "rss/"), at_root(signs, "/rss/")].into_iter().flatten().collect()
}

/// A label's feed, or the blog's.
fn blogger(signs: &Signs) -> Vec<Url> {
    let label = signs.url.path().strip_prefix("/search/label/").map(str::to_owned);
    let label = label.and_then(|label| at_root(signs, &format!("/feeds/posts/default/-/{label}")));
    [label, at_root(signs, "/feeds/posts/default")].into_iter().flatten().filter(is_web).collect()
}

fn hugo(signs: &Signs) -> Vec<Url> {
    [below(signs, "index.xml"), at_root(signs, "/index.xml")].into_iter().flatten().collect()
}

fn jekyll(signs: &Signs) -> Vec<Url> {
    [below(signs, "feed.xml"), at_root(signs, "/feed.xml")].into_iter().flatten().collect()
}

fn plone(signs: &Signs) -> Vec<Url> {
    [below(signs, "RSS"), below(signs, "rss.xml")].into_iter().flatten().collect()
}
