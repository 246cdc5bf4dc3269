//! What a look does for the section's filter and for its own ids: what a filter dropped after reading is remembered,
//! so that it is not opened at every look, and ids of the source are recorded where the section keeps them.

use super::App;
use super::look::Seen;
use crate::article::Candidate;
use crate::config::Section;
use crate::source::filter;
use crate::store::{Dropped, StoreError};

impl App {
    /// Takes out what the present rules dropped before.
    pub(super) async fn without_dropped(
        &self,
        section: &Section,
        section_id: i64,
        seen: &mut Vec<Seen>,
    ) -> Result<(), StoreError> {
        let is_open = |seen: &Seen| seen.known.as_ref().is_none_or(|known| known.listing_hash.is_none());
        let keys: Vec<&str> = seen.iter().filter(|s| is_open(s)).filter_map(|s| first_key(s)).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let dropped = self.store.dropped_keys(section_id, &section.filter.hash, &keys).await?;
        seen.retain(|seen| !is_open(seen) || first_key(seen).is_none_or(|key| !dropped.contains(key)));
        Ok(())
    }

    /// Whether the filter drops an article that another section brought.
    pub(super) async fn is_dropped(
        &self,
        section: &Section,
        section_id: i64,
        article_id: i64,
        seen: &Seen,
    ) -> Result<bool, StoreError> {
        if section.filter.is_empty() {
            return Ok(false);
        }
        let Some(article) = self.store.article(article_id).await? else { return Ok(false) };
        let Some(reason) = filter::read(&section.filter, &seen.candidate, &article.reading) else { return Ok(false) };
        self.remember_dropped(section, section_id, seen, &article.reading.title, reason).await?;
        Ok(true)
    }

    /// Whether an article that another section has already is urgent in this one.
    pub(super) async fn is_urgent(&self, section: &Section, article_id: i64, seen: &Seen) -> Result<bool, StoreError> {
        if section.urgent.is_empty() || seen.candidate.urgent {
            return Ok(seen.candidate.urgent);
        }
        let article = self.store.article(article_id).await?;
        Ok(filter::urgent(&section.urgent, &seen.candidate, article.as_ref().map(|article| &article.reading)))
    }

    /// Remembers that the filter dropped an article.
    pub(super) async fn remember_dropped(
        &self,
        section: &Section,
        section_id: i64,
        seen: &Seen,
        title: &str,
        reason: String,
    ) -> Result<(), StoreError> {
        let Candidate { url, .. } = &seen.candidate;
        tracing::info!(section = section.slug, %url, reason, "dropped");
        let dropped =
            Dropped { url: url.to_string(), title: title.to_owned(), reason, dropped_at: self.clock.now_ms() };
        let key = first_key(seen).unwrap_or_default();
        self.store.drop_article(section_id, key, &section.filter.hash, &dropped).await
    }

    /// Records the source's ids of articles that were there before the section kept them.
    pub(super) async fn keep_guids(&self, section_id: i64, seen: &[Seen]) -> Result<(), StoreError> {
        let known: Vec<(&str, i64)> = seen
            .iter()
            .filter_map(|seen| {
                let known = seen.known.as_ref().filter(|known| known.listing_hash.is_some())?;
                Some((seen.candidate.native_id.as_deref()?, known.article_id))
            })
            .collect();
        if known.is_empty() { Ok(()) } else { self.store.keep_guids(section_id, &known).await }
    }
}

fn first_key(seen: &Seen) -> Option<&str> {
    seen.keys.first().map(String::as_str)
}
