//! The sample news site as an ordinary web server: pages with `ETag` and Last-Modified, 304, and 404 for what is
//! not (or no longer) published. [`Site`] is the editor's hand: it publishes, corrects and withdraws by the
//! script; visitors, bantin among them, notice by reading.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::edition::{Correction, Edition, article_id};
use super::journal::{Event, Journal};
use super::script::Script;
use super::section_name;
use crate::clock::Clock;

/// The files of a site by path, without a leading slash ("tin-tuc/index.html").
pub type Files = BTreeMap<String, &'static [u8]>;

/// The site; clones are the same site.
#[derive(Debug, Clone)]
pub struct Site {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    files: Files,
    /// Path of each article's page by its id.
    articles: HashMap<String, String>,
    /// The address written in the files, and the one they are served under.
    origins: Vec<String>,
    url: String,
    clock: Clock,
    journal: Journal,
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    edition: Edition,
    changed: DateTime<Utc>,
    to_publish: VecDeque<super::script::Publish>,
    to_correct: Vec<super::script::Correct>,
    to_withdraw: Vec<super::script::Withdraw>,
    pages: HashMap<String, Page>,
    visited: HashSet<String>,
}

/// A page as served.
#[derive(Debug, Clone)]
struct Page {
    /// Whether it is as the present edition has it.
    current: bool,
    body: axum::body::Bytes,
    etag: String,
    modified: DateTime<Utc>,
}

impl Site {
    /// A site of these files that is served under `url`; what the script publishes is hidden until then.
    pub fn new(files: Files, script: Script, url: &Url, clock: Clock, journal: Journal) -> Self {
        let pages = files.iter().filter(|(path, _)| is_html(path));
        let articles: HashMap<String, String> = pages
            .filter_map(|(path, bytes)| Some((article_id(std::str::from_utf8(bytes).ok()?)?, path.clone())))
            .collect();
        let edition = Edition { pending: script.publish.iter().map(|p| p.id.clone()).collect(), ..Edition::default() };
        let now = Now {
            edition,
            changed: clock.now(),
            to_publish: script.publish.into(),
            to_correct: script.correct,
            to_withdraw: script.withdraw,
            pages: HashMap::new(),
            visited: HashSet::new(),
        };
        let origins = origins(&files);
        let url = url.as_str().trim_end_matches('/').to_owned();
        Self { shared: Arc::new(Shared { files, articles, origins, url, clock, journal, now: Mutex::new(now) }) }
    }

    /// The web server.
    pub fn router(&self) -> Router {
        Router::new().fallback(serve).with_state(self.clone())
    }

    /// Publishes the next article of the script; `None` when all are out.
    pub fn publish_next(&self) -> Option<Event> {
        let id = {
            let mut now = self.lock();
            let next = now.to_publish.pop_front()?;
            now.edition.pending.remove(&next.id);
            let at = self.shared.clock.now();
            now.edition.published.push((next.id.clone(), at));
            now.change(at);
            next
        };
        let event = Event::Published { section: section_name(&id.section).to_owned(), title: self.title(&id.id) };
        self.shared.journal.write(event.clone());
        Some(event)
    }

    /// Corrects an article that is out; `None` when it is not, or does not contain `find`.
    pub fn correct(&self, id: &str, find: &str, replace: &str) -> Option<Event> {
        let page = self.page_of(id)?;
        let title = self.title(id);
        if !page.contains(find) {
            tracing::warn!(article = id, "the demo's script corrects words that the article does not contain");
            return None;
        }
        let mut now = self.lock();
        let at = self.shared.clock.now();
        now.edition.corrections.push(Correction { id: id.into(), find: find.into(), replace: replace.into(), at });
        now.change(at);
        drop(now);
        let event = Event::Corrected { title, was: find.into(), now: replace.into() };
        self.shared.journal.write(event.clone());
        Some(event)
    }

    /// Withdraws an article that is out; `None` when it is not.
    pub fn withdraw(&self, id: &str) -> Option<Event> {
        self.page_of(id)?;
        let title = self.title(id);
        let mut now = self.lock();
        now.edition.withdrawn.insert(id.into());
        let at = self.shared.clock.now();
        now.change(at);
        drop(now);
        let event = Event::Withdrew { title };
        self.shared.journal.write(event.clone());
        Some(event)
    }

    /// The next step of the script: a correction or withdrawal that is due, else a publication.
    pub fn step(&self) -> Option<Event> {
        loop {
            let mut now = self.lock();
            let out = now.edition.published.len();
            if let Some(at) = now.to_correct.iter().position(|c| c.after <= out) {
                let due = now.to_correct.remove(at);
                drop(now);
                if let Some(event) = self.correct(&due.id, &due.find, &due.replace) {
                    return Some(event);
                }
            } else if let Some(at) = now.to_withdraw.iter().position(|w| w.after <= out) {
                let due = now.to_withdraw.remove(at);
                drop(now);
                if let Some(event) = self.withdraw(&due.id) {
                    return Some(event);
                }
            } else {
                drop(now);
                return self.publish_next();
            }
        }
    }

    /// Follows the script, one step every `interval`, until it is at its end or the demo stops.
    pub async fn run(&self, interval: Duration, cancel: CancellationToken) {
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(interval) => {}
            }
            if self.step().is_none() {
                self.shared.journal.write(Event::ScriptEnded);
                return;
            }
        }
    }

    /// Whether every one of these paths ("/tin-tuc/") has been asked for.
    pub fn visited(&self, paths: &[&str]) -> bool {
        let now = self.lock();
        paths.iter().all(|path| now.visited.contains(folder_of(path)))
    }

    /// The title of an article, as its page has it now.
    fn title(&self, id: &str) -> String {
        let Some(html) = self.page_of(id) else { return id.to_owned() };
        let doc = dom_query::Document::from(html);
        let title = doc.select("meta[property='og:title']").attr("content").map(|t| t.to_string());
        title.unwrap_or_else(|| doc.select_single("h1").text().trim().to_owned())
    }

    /// The page of an article that is out, as served now.
    fn page_of(&self, id: &str) -> Option<String> {
        let page = self.page(self.shared.articles.get(id)?)?;
        Some(String::from_utf8_lossy(&page.body).into_owned())
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.shared.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file as served now; `None` where there is none, or it is an article that is not out.
    fn page(&self, path: &str) -> Option<Page> {
        let source = *self.shared.files.get(path)?;
        let mut now = self.lock();
        if self.shared.articles.iter().any(|(id, at)| at == path && now.edition.hidden(id)) {
            return None;
        }
        if let Some(page) = now.pages.get(path).filter(|page| page.current) {
            return Some(page.clone());
        }
        let body = match (extension(path), std::str::from_utf8(source)) {
            ("html", Ok(text)) => self.localised(now.edition.html(text)),
            ("xml", Ok(text)) => self.localised(self.absolute(path, &now.edition.xml(text))),
            ("txt", Ok(text)) => self.localised(text.to_owned()),
            _ => axum::body::Bytes::from_static(source),
        };
        let hash = HEXLOWER.encode(Sha256::digest(&body).get(..8).unwrap_or_default());
        let etag = format!("\"{hash}\"");
        let modified = match now.pages.get(path) {
            Some(before) if before.etag == etag => before.modified,
            _ => now.changed,
        };
        let page = Page { current: true, body, etag, modified };
        now.pages.insert(path.to_owned(), page.clone());
        Some(page)
    }

    /// The links of a feed, which the files on disk have relative to their folder.
    fn absolute(&self, path: &str, xml: &str) -> String {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut pieces = xml.split("<link>");
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            out.push_str("<link>");
            if !piece.starts_with("http") {
                out.extend([self.shared.url.as_str(), "/", folder, "/"]);
            }
            out.push_str(piece);
        }
        out
    }

    /// Links that name the site's public address lead to this server.
    fn localised(&self, text: String) -> axum::body::Bytes {
        self.shared.origins.iter().fold(text, |text, origin| text.replace(origin, &self.shared.url)).into()
    }
}

impl Now {
    /// Every page must be made anew; those that come out the same keep their Last-Modified.
    fn change(&mut self, at: DateTime<Utc>) {
        self.changed = at;
        for page in self.pages.values_mut() {
            page.current = false;
        }
    }
}

/// A page's path, the same for a folder, its slash and its index page.
fn folder_of(path: &str) -> &str {
    path.trim_matches('/').trim_end_matches("index.html").trim_end_matches('/')
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn is_html(path: &str) -> bool {
    extension(path) == "html"
}

/// The public addresses under which the files name themselves: those of their canonical links.
fn origins(files: &Files) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in files.iter().filter(|(p, _)| is_html(p)).filter_map(|(_, b)| std::str::from_utf8(b).ok()) {
        let link = text.split("rel=\"canonical\"").nth(1).and_then(|rest| rest.split("href=\"").nth(1));
        let Some(url) = link.and_then(|rest| rest.split('"').next()).and_then(|href| Url::parse(href).ok()) else {
            continue;
        };
        let origin = url.origin().ascii_serialization();
        if !found.contains(&origin) {
            found.push(origin);
        }
    }
    found
}

async fn serve(State(site): State<Site>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    site.lock().visited.insert(folder_of(path).to_owned());
    let index = format!("{path}index.html");
    let file = if path.is_empty() || path.ends_with('/') { &index } else { path };
    let Some(page) = site.page(file) else {
        if !path.ends_with('/') && site.shared.files.contains_key(&format!("{path}/index.html")) {
            return Redirect::permanent(&format!("/{path}/")).into_response();
        }
        let page = site.page("404.html").map_or_else(|| "404".into(), |page| page.body);
        return (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    };
    let unchanged = match headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()) {
        Some(tags) => tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == page.etag),
        None => headers
            .get(header::IF_MODIFIED_SINCE)
            .and_then(|v| DateTime::parse_from_rfc2822(v.to_str().ok()?).ok())
            .is_some_and(|since| since.timestamp() >= page.modified.timestamp()),
    };
    let body = if unchanged { axum::body::Bytes::new() } else { page.body };
    let status = if unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let mut response = (status, body).into_response();
    let modified = page.modified.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let set = [
        (header::CONTENT_TYPE, media_type(file).to_owned()),
        (header::ETAG, page.etag),
        (header::LAST_MODIFIED, modified),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    for (name, value) in set {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn media_type(path: &str) -> &'static str {
    match extension(path) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "xml" if path.ends_with("rss.xml") => "application/rss+xml; charset=utf-8",
        "xml" => "application/xml; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        _ => "application/octet-stream",
    }
}
