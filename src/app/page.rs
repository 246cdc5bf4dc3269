//! Opening one article: fetch its page and read it, on the blocking pool.

use std::io::Write as _;
use std::time::Instant;

use data_encoding::BASE64;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use url::Url;

use super::App;
use super::lanes::Reads;
use crate::article::{Candidate, Measured, Reading};
use crate::config::{EnclosureMode, Section};
use crate::extract::{self, ExtractError};
use crate::fetch::{Document, FetchError, Fetched, Request, Validators, Want};

/// Up to this length a text that a listing brings is read on the way: handing it to another thread would cost as much.
const SHORT: usize = 4 * 1024;

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

    /// Asks how large the file is that feeds will name as the enclosure, unless that is known.
    pub(super) async fn measure(&self, section: &Section, reading: &mut Reading, known: &[Measured]) {
        let mode = self.config.feeds.enclosure;
        let file = reading.attachments.first().map(|file| file.url.as_str());
        let picture = || reading.image.as_ref().map(|picture| picture.url.as_str());
        let url = match mode {
            EnclosureMode::Off => None,
            EnclosureMode::Files => file,
            EnclosureMode::Pictures => file.or_else(picture),
        };
        let Some(url) = url.and_then(|url| Url::parse(url).ok()).filter(|url| url.scheme().starts_with("http")) else {
            return;
        };
        if let Some(known) = known.iter().find(|known| known.url == url.as_str()) {
            reading.measured = vec![known.clone()];
        } else if let Some(size) = self.fetcher.of(section).size(&url, section.allow_private).await {
            let url = url.to_string();
            reading.measured = vec![Measured { url, bytes: size.bytes, media_type: size.media_type }];
        }
    }

    /// What the listing alone says, read as an article.
    pub(super) async fn listed_page(&self, section: &Section, candidate: &Candidate) -> Result<Page, PageError> {
        let context = extract::Context::of(section, self.clock.now());
        let bytes = candidate.body.as_ref().map_or(0, String::len);
        let reading = if bytes <= SHORT {
            extract::from_candidate(candidate, &context)?
        } else {
            let (candidate, url) = (candidate.clone(), candidate.url.to_string());
            let read = move || extract::from_candidate(&candidate, &context);
            let read = self.lanes.read(&section.slug, Reads::Article, bytes, read).await;
            read.map_err(|_| PageError::Panicked(url))??
        };
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
