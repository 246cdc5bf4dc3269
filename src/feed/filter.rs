//! Feeds of what a reader asks for by the query of a feed's address: `?tag=`, `?q=`, `?limit=`. They are made on
//! request, one at a time, of the newest articles of the feed's sections, and kept in a small memory until something
//! changes. Their own address is the sorted query; they name no hub, because nobody could be told of their news.

use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use url::form_urlencoded::{self, Serializer};

use super::plan::Planner;
use super::refresh::compose;
use super::{FeedSet, Head, Kind, Served};
use crate::article::Article;
use crate::article::text::folded;
use crate::config::{Config, Section};
use crate::store::{Store, StoreError};

/// The most articles that `limit` may ask for.
const MOST: usize = 100;
/// How many of the newest articles are looked through: first, and where that is not enough.
const LOOKED_AT: [usize; 2] = [60, 500];
/// The longest text, and the most tags.
const LONGEST: usize = 100;
const TAGS: usize = 5;
/// How many made feeds are kept, and how many bytes of them, at most an eighth of `[feeds] memory`.
const KEPT: usize = 64;
const KEPT_BYTES: usize = 4 * 1024 * 1024;

/// What a query asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Articles with one of these tags or in a section of that name; sorted.
    tags: Vec<String>,
    /// Articles with all of these words in title, lead or tags.
    words: Option<String>,
    /// So many at most.
    limit: Option<usize>,
}

/// A feed is not made now: in how many seconds to come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuch(pub i64);

impl Filter {
    /// Reads a query; `None` where it asks for nothing of this. The error is for who asks.
    pub fn read(query: &str) -> Result<Option<Self>, String> {
        let mut filter = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = crate::article::text::one_line(&value);
            if !matches!(&*name, "tag" | "q" | "limit") || value.is_empty() {
                continue;
            }
            if value.chars().count() > LONGEST {
                return Err(format!("{name} is longer than {LONGEST} characters\n"));
            }
            match &*name {
                "tag" => filter.tags.push(value),
                "q" => filter.words = Some(value),
                _ => {
                    let limit: usize = value.parse().map_err(|_| "limit is no number\n".to_owned())?;
                    filter.limit = Some(limit.clamp(1, MOST));
                }
            }
        }
        filter.tags.sort_unstable();
        filter.tags.dedup();
        if filter.tags.len() > TAGS {
            return Err(format!("more than {TAGS} tags\n"));
        }
        Ok((filter != Self::default()).then_some(filter))
    }

    /// The query in its one form: sorted, nothing else in it.
    pub fn query(&self) -> String {
        let mut out = Serializer::new(String::new());
        if let Some(limit) = self.limit {
            out.append_pair("limit", &limit.to_string());
        }
        if let Some(words) = &self.words {
            out.append_pair("q", words);
        }
        out.extend_pairs(self.tags.iter().map(|tag| ("tag", tag)));
        out.finish()
    }

    /// What is asked for, for the title.
    fn words(&self) -> Vec<String> {
        self.words.iter().chain(&self.tags).map(|text| format!("“{text}”")).collect()
    }

    fn takes(&self, article: &Article, sections: &[Arc<Section>]) -> bool {
        let reading = &article.reading;
        let tags: Vec<String> = reading.tags.iter().map(|tag| folded(tag)).collect();
        let wanted = |tag: &String| {
            let tag = folded(tag);
            tags.contains(&tag) || sections.iter().any(|section| folded(&section.name) == tag)
        };
        if !self.tags.is_empty() && !self.tags.iter().any(wanted) {
            return false;
        }
        let Some(words) = &self.words else { return true };
        let text =
            folded(&format!("{} {} ", reading.title, reading.lead.as_deref().unwrap_or_default())) + &tags.join(" ");
        folded(words).split_whitespace().all(|word| text.contains(word))
    }
}

/// What was made and is kept: by address, with the revisions that it shows.
#[derive(Debug, Default)]
pub(super) struct Kept {
    making: tokio::sync::Mutex<()>,
    made: StdMutex<Vec<(String, String, Arc<Served>)>>,
}

impl Kept {
    fn find(&self, key: &str, state: &str) -> Option<Arc<Served>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let at = made.iter().position(|(own, shows, _)| own == key && shows == state)?;
        let found = made.remove(at);
        let served = found.2.clone();
        made.push(found); // the last is the one used last
        Some(served)
    }

    fn keep(&self, key: String, state: String, served: Arc<Served>, bytes: usize) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        // What shows an older state is of no use any more.
        made.retain(|(own, shows, _)| *own != key && *shows == state);
        made.push((key, state, served));
        while made.len() > KEPT || made.iter().map(|(.., served)| served.weight()).sum::<usize>() > bytes {
            if made.is_empty() {
                return;
            }
            made.remove(0);
        }
    }
}

impl FeedSet {
    /// A feed of what a filter lets through, from memory or made now. `making` is asked before something is made.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn filtered(
        &self,
        store: &Store,
        config: &Config,
        file: &str,
        filter: &Filter,
        making: impl FnOnce() -> Result<(), TooMuch>,
    ) -> Result<Result<Arc<Served>, TooMuch>, StoreError> {
        let (Some(base), Some((slug, _)), Some(kind)) = (self.get(file), file.rsplit_once('.'), Kind::of(file)) else {
            return Ok(Err(TooMuch(5))); // it was there a moment ago
        };
        let key = format!("{file}?{}", filter.query());
        let state = format!("{} {}", self.shown(false), self.shown(true));
        if let Some(served) = self.kept.find(&key, &state) {
            return Ok(Ok(served));
        }
        // One at a time: this waits for the store and takes the processor.
        let _turn = self.kept.making.lock().await;
        if let Some(served) = self.kept.find(&key, &state) {
            return Ok(Ok(served));
        }
        if let Err(later) = making() {
            return Ok(Err(later));
        }
        let authority = self.authority(store, config).await?;
        let planner = Planner::new(store, config, &authority).await?;
        let Some(mut plan) = planner.own(None).into_iter().chain(planner.joint(None)).find(|p| p.head.slug == slug)
        else {
            return Ok(Err(TooMuch(5)));
        };
        let limit = filter.limit.unwrap_or(config.feeds.items);
        let mut found = Vec::new();
        for among in LOOKED_AT {
            let articles = store.feed_articles(&plan.sections, among).await?;
            let all = articles.len();
            let lets = |(article, ids): &(Article, Vec<i64>)| {
                let sections: Vec<_> = ids.iter().filter_map(|id| planner.sections.get(id).cloned()).collect();
                filter.takes(article, &sections)
            };
            found = articles.into_iter().filter(lets).take(limit).collect();
            if found.len() >= limit || all < among {
                break;
            }
        }
        head(&mut plan.head, filter);
        let newest = found.iter().map(|(article, _)| article.updated_at).max();
        let (items, _) = compose(store, &planner, &plan, found, Vec::new()).await?;
        let bytes = super::render_one(&plan.head, &items, kind);
        let modified = newest.map_or(base.modified(), |newest| newest.max(base.modified()));
        let served = Arc::new(Served::new(kind, bytes, modified));
        self.kept.keep(key, state, served.clone(), KEPT_BYTES.min(self.memory / 8));
        Ok(Ok(served))
    }
}

/// The head of the feed as the filter makes it another one.
fn head(head: &mut Head, filter: &Filter) {
    head.query = Some(filter.query());
    head.hubs.clear();
    head.translation = None;
    let words = filter.words();
    if !words.is_empty() {
        head.title = format!("{} · {}", head.title, words.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_has_one_form() {
        let read = |query: &str| Filter::read(query).unwrap().map(|filter| filter.query());
        assert_eq!(read(""), None);
        assert_eq!(read("utm_source=x&tag=&q=+"), None);
        assert_eq!(
            read("tag=b&q=+L%C5%A9++l%E1%BB%A5t+&limit=05&x=1&tag=a&tag=b").as_deref(),
            Some("limit=5&q=L%C5%A9+l%E1%BB%A5t&tag=a&tag=b")
        );
        assert_eq!(read("limit=100000").as_deref(), Some("limit=100"));
        assert_eq!(read("limit=0").as_deref(), Some("limit=1"));
        for bad in ["limit=-1", "limit=x", "tag=1&tag=2&tag=3&tag=4&tag=5&tag=6", &format!("q={}", "x".repeat(101))] {
            assert!(Filter::read(bad).is_err(), "{bad}");
        }
    }
}
