//! `bantin init`: writes a first `config.toml`, with every key explained. With `--url` it goes through a site: the
//! sections of its menu, else of its feeds and sitemap, in both languages where there are two. Each is looked at before
//! it is proposed; what lists nothing is left out, with the reason.

mod starting;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::bail;
use url::Url;

use self::starting::Site;
use super::output::{self, note, say};
use super::proposal::{Proposal, slug_of};
use super::{DONE, FAILED, add, write};
use crate::app::recognise::Prober;
use crate::article::canonical;
use crate::clock::Clock;
use crate::config::{Config, Language, Section, defaults};
use crate::fetch::{Document, Fetcher, guard};
use crate::source::recognise::facts::Facts;
use crate::source::recognise::menu::{self, Entry};
use crate::source::recognise::{LIST, SURE, Signs};

/// Most sections looked at in one language.
const MOST: usize = 12;
/// From this share of one list in another on (of 100) two sections are the same.
const SAME: usize = 80;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bantin init\n  bantin init --url https://www.example.vn/ --yes")]
pub(super) struct Args {
    /// The site whose sections are looked for.
    #[arg(long)]
    url: Option<String>,
    /// Write without asking.
    #[arg(long, short)]
    yes: bool,
    /// Replace a file that is there.
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(file: &Path, args: Args, clock: Clock) -> anyhow::Result<u8> {
    if file.exists() && !args.force {
        bail!("{} is there already; --force replaces it, --config names another", file.display());
    }
    let (site, proposals) = match &args.url {
        None => (Site::default(), Vec::new()),
        Some(url) => {
            let url = add::address(url)?;
            Explorer::new(&url, clock).explore(&url).await?
        }
    };
    let text = starting::text(&site, &proposals);
    if args.url.is_some() {
        for proposal in &proposals {
            say!("{}", proposal.toml());
        }
        let question = format!("Write {} with these sections?", file.display());
        if !args.yes && std::io::IsTerminal::is_terminal(&std::io::stdin()) && !add::asked(&question) {
            say!("nothing is written");
            return Ok(FAILED);
        }
    }
    write::replace(file, &text)?;
    let sections = output::counted(proposals.len(), "section", "sections");
    say!("{} is written, with {sections}", file.display());
    match proposals.first() {
        Some(first) => note!("next: `bantin check`, `bantin preview {}`, then `bantin run`", first.slug),
        None => note!("next: `bantin add URL` for each section, then `bantin check` and `bantin run`"),
    }
    Ok(DONE)
}

/// A section that was looked at and lists articles.
struct Looked {
    name: String,
    url: Url,
    language: Language,
    keys: HashSet<String>,
    versions: Vec<(Language, Url)>,
    confidence: u8,
}

/// Goes through a site.
struct Explorer {
    prober: Prober,
    config: Config,
    private: bool,
}

impl Explorer {
    fn new(url: &Url, clock: Clock) -> Self {
        // The address is the admin's own word: a machine of their own may be read.
        let private = guard::check(url, false).is_err() || url.host_str() == Some("localhost");
        let mut config = Config::for_tests("http://127.0.0.1:8080/");
        config.fetch.allow_private = private;
        config.fetch.interval = if private { std::time::Duration::ZERO } else { defaults::FETCH_INTERVAL };
        let prober = Prober::new(Fetcher::new(&config.fetch, clock.clone()), clock, private).keeping_page();
        Self { prober, config, private }
    }

    async fn explore(self, url: &Url) -> anyhow::Result<(Site, Vec<Proposal>)> {
        let section = self.section(url, Language::Vi);
        note!("reading {url}");
        let front = self.prober.get(&section, url).await.map_err(add::explained)?;
        let (facts, languages) = about(front.clone()).await;
        let main = facts.language.unwrap_or_default();
        let mut found: Vec<Looked> = Vec::new();
        let mut looked_at = HashSet::new();
        self.language(&front, main, &mut looked_at, &mut found).await;
        for (language, other) in languages.into_iter().filter(|(language, _)| *language != main) {
            note!("reading {other} ({})", language.code());
            match self.prober.get(&section, &other).await {
                Ok(document) => self.language(&document, language, &mut looked_at, &mut found).await,
                Err(error) => note!("left out: {other}: {error}"),
            }
        }
        if found.is_empty() {
            bail!(
                "no section was found on {url}: no link of its menu leads to a list of articles; give the address of one \
                 to `bantin add`, which says why"
            );
        }
        let site = Site { name: facts.site.or(facts.name), language: Some(main), private: self.private };
        Ok((site, proposals(&found, main)))
    }

    /// The sections of one language: those of the menu, else those of the sitemap, else the front page itself.
    async fn language(
        &self,
        front: &Document,
        language: Language,
        looked_at: &mut HashSet<String>,
        found: &mut Vec<Looked>,
    ) {
        let before = found.len();
        let document = front.clone();
        let entries = tokio::task::spawn_blocking(move || Signs::of(&document).menu()).await.unwrap_or_default();
        self.look_at(entries, language, looked_at, found).await;
        if found.len() == before {
            let entries = self.of_sitemap(front).await;
            self.look_at(entries, language, looked_at, found).await;
        }
        if found.len() == before {
            let name = if language == Language::En { "News" } else { "Tin tức" };
            let entry = Entry { name: name.to_owned(), url: front.url.clone() };
            self.look_at(vec![entry], language, looked_at, found).await;
        }
    }

    async fn of_sitemap(&self, front: &Document) -> Vec<Entry> {
        let Ok(url) = front.url.join("/sitemap.xml") else { return Vec::new() };
        let section = self.section(&url, Language::Vi);
        let Ok(document) = self.prober.get(&section, &url).await else { return Vec::new() };
        note!("its menu leads to no list; reading {url}");
        let named = |url: Url| Entry { name: String::new(), url };
        menu::of_sitemap(&document.text()).into_iter().map(named).collect()
    }

    async fn look_at(
        &self,
        entries: Vec<Entry>,
        language: Language,
        looked_at: &mut HashSet<String>,
        found: &mut Vec<Looked>,
    ) {
        let entries: Vec<Entry> =
            entries.into_iter().filter(|entry| looked_at.insert(canonical::key(&entry.url))).take(MOST).collect();
        let count = entries.len();
        for (place, entry) in entries.into_iter().enumerate() {
            note!("{}/{count} {} {}", place + 1, entry.name, entry.url);
            match self.look(&entry, language).await {
                Ok(looked) => {
                    if let Some(known) = found.iter().find(|known| alike(known, &looked)) {
                        note!("  left out: it lists the same as {:?}", known.name);
                    } else {
                        note!("  {} articles, {} % sure", looked.keys.len(), looked.confidence);
                        found.push(looked);
                    }
                }
                Err(why) => note!("  left out: {why}"),
            }
        }
    }

    async fn look(&self, entry: &Entry, language: Language) -> Result<Looked, String> {
        let section = Arc::new(self.section(&entry.url, language));
        let recognised = self.prober.recognise(&section, None).await.map_err(|error| error.to_string())?;
        let titled: Vec<String> = recognised.listing.candidates.iter().filter_map(|c| c.title.clone()).collect();
        if titled.len() < LIST {
            return Err(format!("it lists only {}", output::counted(titled.len(), "article", "articles")));
        }
        if recognised.way.confidence < SURE / 2 {
            return Err("what it lists does not look like articles".to_owned());
        }
        let facts = match recognised.page {
            Some(page) => tokio::task::spawn_blocking(move || Facts::of(&page, &titled)).await.unwrap_or_default(),
            None => Facts::default(),
        };
        let name = if entry.name.is_empty() {
            facts.name.unwrap_or_else(|| entry.url.path().to_owned())
        } else {
            entry.name.clone()
        };
        Ok(Looked {
            name,
            url: entry.url.clone(),
            language: facts.language.unwrap_or(language),
            keys: recognised.listing.candidates.iter().map(|c| canonical::key(&c.url)).collect(),
            versions: facts.versions,
            confidence: recognised.way.confidence,
        })
    }

    fn section(&self, url: &Url, language: Language) -> Section {
        Section { language, ..add::blank(&self.config, url) }
    }
}

/// What the front page says of itself, and its versions in other languages.
async fn about(front: Document) -> (Facts, Vec<(Language, Url)>) {
    let read = tokio::task::spawn_blocking(move || {
        let signs = Signs::of(&front);
        let titles: Vec<String> = signs.menu().into_iter().map(|entry| entry.name).collect();
        (Facts::of(&front, &titles), signs.languages())
    });
    read.await.unwrap_or_default()
}

/// Whether two lists are mostly the same.
fn alike(one: &Looked, other: &Looked) -> bool {
    let common = one.keys.intersection(&other.keys).count();
    common * 100 >= SAME * one.keys.len().max(other.keys.len()).max(1)
}

/// The sections as they are written; those of the other language name their counterparts.
fn proposals(found: &[Looked], main: Language) -> Vec<Proposal> {
    let mut proposals: Vec<Proposal> = Vec::new();
    let mut paired: HashSet<usize> = HashSet::new();
    for looked in found {
        let taken = |slug: &str| proposals.iter().any(|known| known.slug == slug);
        let slug = slug_of(&looked.url, &looked.name, taken);
        let other = found.iter().enumerate().take(proposals.len()).find(|(place, known)| {
            known.language != looked.language && !paired.contains(place) && are_one(known, looked)
        });
        let translation_of = other.and_then(|(place, _)| {
            paired.insert(place);
            Some(proposals.get(place)?.slug.clone())
        });
        proposals.push(Proposal {
            slug,
            name: looked.name.clone(),
            url: looked.url.to_string(),
            language: Some(looked.language).filter(|language| *language != main),
            translation_of,
            telegram: None,
            html: None,
        });
    }
    proposals
}

/// Whether two sections are one in two languages.
fn are_one(one: &Looked, other: &Looked) -> bool {
    let names = |from: &Looked, to: &Looked| {
        from.versions
            .iter()
            .any(|(language, url)| *language == to.language && canonical::key(url) == canonical::key(&to.url))
    };
    let (vi, en) = if one.language == Language::Vi { (one, other) } else { (other, one) };
    names(one, other)
        || names(other, one)
        || menu::same_but_language(&one.url, &other.url)
        || menu::same_in_both(&vi.name, &en.name)
}
