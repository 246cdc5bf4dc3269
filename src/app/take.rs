//! Taking an article in: a new candidate is opened and read, gets its address and its release, and is committed; one
//! whose entry in the list changed is read again.

use url::Url;

use super::App;
use super::again::{Again, Same};
use super::guard::{self, Run};
use super::health::letter;
use super::holding;
use super::look::{LookError, Looked, Seen};
use super::page::{Page, PageError};
use crate::article::{Candidate, canonical, feed_date, text};
use crate::config::{ReadMode, Section};
use crate::extract;
use crate::fetch::FetchError;
use crate::source;
use crate::store::{Also, Committed, Move, NewArticle, ReleaseAs, Reread, StoreError};

/// What a new candidate is.
#[derive(Debug)]
pub(super) enum Taken {
    /// A new article.
    New(Box<NewArticle>),
    /// A known article that is in this section too.
    Also(Also),
}

impl App {
    /// Commits articles together, in their order. The log tells of each that goes out; of the others, as at a first
    /// look, only where it says more than usual.
    pub(super) async fn commit(
        &self,
        section: &Section,
        ready: &mut Vec<NewArticle>,
        looked: &mut Looked,
    ) -> Result<(), LookError> {
        if ready.is_empty() {
            return Ok(());
        }
        let committed = self.store.commit_new(ready, self.clock.now_ms()).await?;
        for (committed, new) in committed.into_iter().zip(ready.iter()) {
            match committed {
                Committed::New(article) => {
                    looked.new += 1;
                    let (section, url) = (&section.slug, new.url.as_ref().unwrap_or(&new.source_url).as_str());
                    if matches!(new.release, ReleaseAs::Out | ReleaseAs::Waiting(_)) {
                        tracing::info!(section, article, url, "new");
                    } else {
                        tracing::debug!(section, article, url, release = ?new.release, "new");
                    }
                }
                Committed::Known(_) => looked.also += 1,
            }
        }
        ready.clear();
        Ok(())
    }

    /// Puts known articles into this section too, in their order.
    pub(super) async fn commit_also(
        &self,
        id: i64,
        also: &mut Vec<Also>,
        looked: &mut Looked,
    ) -> Result<(), LookError> {
        if also.is_empty() {
            return Ok(());
        }
        self.store.commit_also(id, also, self.clock.now_ms()).await?;
        looked.also += also.len();
        also.clear();
        Ok(())
    }

    /// A new article, read; `None` where it could not be read now, is not there, or is one that is known. `at` is its
    /// place in the list. A hold that it needs is not opened yet.
    #[expect(clippy::too_many_arguments, reason = "what a look knows of one candidate")]
    pub(super) async fn take_new(
        &self,
        section: &Section,
        section_id: i64,
        run: Run,
        at: usize,
        seen: Seen,
        looked: &mut Looked,
        again: &mut Again,
    ) -> Result<Option<Taken>, LookError> {
        let mut page = match self.read_new(section, &seen.candidate).await {
            Ok(page) => page,
            Err(error) => {
                if let PageError::Fetch(e) = &error
                    && e.is_gone()
                {
                    // Listed, but not there: a dead link is no article, and no reason to ask again.
                    tracing::info!(section = section.slug, url = %seen.candidate.url, "listed, but not there");
                    return Ok(None);
                }
                // Its host asked to be left alone: the next look goes on with this article.
                looked.left_alone = matches!(error, PageError::Fetch(FetchError::Resting { .. }));
                tracing::warn!(section = section.slug, %error, "an article could not be read; the next look tries again");
                looked.failed.push(error.to_string());
                return Ok(None);
            }
        };
        if let Some(check) = &mut looked.check {
            check.letters.push(letter(&page.reading));
        }
        let now = self.clock.now();
        if let Some(reason) = source::filter::read(&section.filter, &seen.candidate, &page.reading) {
            self.remember_dropped(section, section_id, &seen, &page.reading.title, reason).await?;
            looked.dropped += 1;
            return Ok(None);
        }
        let guid = seen.candidate.native_id.clone().filter(|_| section.keep_guid);
        let mut keys = seen.keys;
        let url = self.public_address(&seen.candidate, &page, &mut keys).await?;
        let published = page.reading.published.clone();
        let published = published.as_ref();
        let is_back = published.is_none() && again.tail.is_some_and(|tail| at >= tail);
        let run = if is_back && run == Run::Usual { Run::Seed } else { run };
        let urgent = source::filter::urgent(&section.urgent, &seen.candidate, Some(&page.reading));
        let release = guard::release(run, section, published, urgent, again.away_since, now);
        match self.same_article(section, section_id, &page, again).await? {
            Some(Same::Moved(article)) => {
                let url = seen.candidate.url.clone();
                let one = Move { article_id: article, keys, listing_hash: seen.hash, url };
                self.store.add_aliases(section_id, &[one]).await?;
                return Ok(holding::known_again(article, at, looked, again));
            }
            Some(Same::Beside(article)) => {
                self.store.add_keys_to(article, &keys).await?;
                return Ok(holding::known_again(article, at, looked, again));
            }
            Some(Same::Twin(article_id)) => {
                let guid = seen.candidate.native_id.clone().filter(|_| section.keep_guid);
                return Ok(Some(Taken::Also(Also {
                    article_id,
                    keys,
                    listing_hash: seen.hash,
                    release,
                    guid,
                    urgent,
                })));
            }
            None => {}
        }
        self.measure(section, &mut page.reading, &[]).await;
        Ok(Some(Taken::New(Box::new(NewArticle {
            release,
            feed_date: feed_date(published.map(|d| d.at), now, section.timezone),
            next_read: self.first_reread(section, now),
            keys,
            authority: self.authority.to_string(),
            url,
            source_url: seen.candidate.url,
            reading: page.reading,
            extraction: extract::Context::version(section),
            validators: page.validators,
            page: (!page.source.is_empty()).then_some(page.source),
            section_id,
            listing_hash: seen.hash,
            guid,
            urgent,
        }))))
    }

    pub(super) async fn read_new(&self, section: &Section, candidate: &Candidate) -> Result<Page, PageError> {
        if section.read == ReadMode::Listing {
            return self.listed_page(section, candidate).await;
        }
        match self.open_page(section, candidate, None).await {
            Ok(Some(page)) => Ok(page),
            // Not a page, or nothing readable on it: what the listing says is better than nothing.
            Ok(None) => self.listed_page(section, candidate).await,
            Err(PageError::Extract(error)) => self.listed_page(section, candidate).await.map_err(|_| error.into()),
            Err(error) => Err(error),
        }
    }

    /// The address readers are sent to: the page's own canonical one where it can be believed, else the
    /// address it was listed under; `None` for a file without an address on the web. A believed canonical
    /// address is one more key.
    async fn public_address(
        &self,
        candidate: &Candidate,
        page: &Page,
        keys: &mut Vec<String>,
    ) -> Result<Option<Url>, StoreError> {
        let is_web = |url: &Url| matches!(url.scheme(), "http" | "https");
        let listed = Some(&candidate.url).filter(|u| is_web(u)).map(canonical::clean);
        let Some(stated) = page.reading.canonical.as_ref().filter(|u| is_web(u) && u.path().len() > 1) else {
            return Ok(listed);
        };
        // Some systems print one canonical address on every page: then it is already somebody else's.
        let key = canonical::key(stated);
        if let Some(known) = self.store.known(0, std::slice::from_ref(&key)).await?.remove(&key) {
            let other = self.store.article(known.article_id).await?;
            let same = other.is_some_and(|o| text::match_key(&o.reading.title) == text::match_key(&page.reading.title));
            if !same {
                return Ok(listed);
            }
        }
        if !keys.contains(&key) {
            keys.push(key);
        }
        Ok(Some(canonical::clean(stated)))
    }

    /// The listing shows a known article differently: read it again at once.
    pub(super) async fn entry_changed(
        &self,
        section: &Section,
        section_id: i64,
        article_id: i64,
        seen: &Seen,
        hold: Option<i64>,
    ) -> Result<(), StoreError> {
        let now_ms = self.clock.now_ms();
        self.store.listing_changed(section_id, article_id, &seen.hash, now_ms).await?;
        if section.read == ReadMode::Listing
            && let Ok(page) = self.listed_page(section, &seen.candidate).await
        {
            let version = extract::Context::version(section);
            let outcome = self
                .store
                .commit_reread(article_id, &page.reading, &version, &page.validators, None, 0, None, hold, now_ms)
                .await?;
            if let Reread::Edited(revision) = outcome {
                tracing::info!(section = section.slug, article = article_id, revision, "changed");
            }
        }
        Ok(())
    }
}
