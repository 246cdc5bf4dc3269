//! Opening one article: fetch its page and read it, on the blocking pool.

use std::io::Write as _;
use std::time::Instant;

use data_encoding::BASE64;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use url::Url;

use super::App;
use super::lanes::Reads;
use crate::article::{Candidate, Reading};
use crate::config::Section;
use crate::extract::{self, ExtractError};
use crate::fetch::{Document, FetchError, Fetched, Request, Validators, Want};

/// An article as read from its page.
pub(super) struct Page {
    pub(super) reading: Reading,
    pub(super) validators: Validators,
    /// The compressed source.
    pub(super) source: String,
}

/// Why an article could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Extract(#[from] ExtractError),
    #[error("{0}: reading it failed; please report the page")]
    Panicked(String),
}

impl App {
    /// Fetches an address of a section under the section's rules.
    pub(super) async fn fetch(
        &self,
        section: &Section,
        url: &Url,
        validators: Option<&Validators>,
        reads: Reads,
    ) -> Result<Fetched, FetchError> {
        let request = Request {
            url,
            validators,
            allow_private: section.allow_private || self.config.fetch.allow_private,
            root: super::recognise::root(section),
            want: Want::Text,
            large: self.lanes.large(&section.slug, reads),
        };
        let begun = Instant::now();
        let fetched = self.fetcher.of(section).get(&request).await;
        self.metrics.fetch(begun.elapsed());
        fetched
    }

    /// Fetches and reads; `None` when the page is as it was.
    pub(super) async fn open_page(
        &self,
        section: &Section,
        candidate: &Candidate,
        validators: Option<&Validators>,
    ) -> Result<Option<Page>, PageError> {
        match self.fetch(section, &candidate.url, validators, Reads::Article).await? {
            Fetched::NotModified => Ok(None),
            Fetched::Document(document) => self.read_page(section, candidate, document).await.map(Some),
        }
    }

    async fn read_page(&self, section: &Section, candidate: &Candidate, document: Document) -> Result<Page, PageError> {
        let context = extract::Context::of(section, self.clock.now());
        let candidate = candidate.clone();
        let (url, bytes) = (candidate.url.to_string(), document.bytes.len());
        let read = move || {
            let reading = extract::read(&document, &candidate, &context)?;
            Ok(Page { reading, source: compress(&document.bytes), validators: document.validators })
        };
        let read = self.lanes.read(&section.slug, Reads::Article, bytes, read);
        read.await.map_err(|_| PageError::Panicked(url))?
    }

    /// What the listing alone says, read as an article.
    pub(super) fn listed_page(&self, section: &Section, candidate: &Candidate) -> Result<Page, PageError> {
        let context = extract::Context::of(section, self.clock.now());
        let reading = extract::from_candidate(candidate, &context)?;
        Ok(Page { reading, validators: Validators::default(), source: String::new() })
    }
}

/// Deflate and base64: the form the store keeps pages in.
fn compress(bytes: &[u8]) -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    match encoder.write_all(bytes).and_then(|()| encoder.finish()) {
        Ok(packed) => BASE64.encode(&packed),
        Err(_) => String::new(),
    }
}
