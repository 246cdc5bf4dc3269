//! Reading stored pages again by the rules of now: after a selector was mended, or with a new version of bantin. The site is
//! not asked; what is read differently is replaced without a word (promise 5).

use std::io::Read as _;
use std::sync::Arc;

use data_encoding::BASE64;
use flate2::read::DeflateDecoder;
use serde::Serialize;

use super::App;
use super::look::LookError;
use crate::article::{Candidate, identity};
use crate::config::Section;
use crate::extract;
use crate::fetch::{Document, Room, media_type_of};
use crate::store::{Reread, Stored};

/// Articles of one part.
const PART: i64 = 50;

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReadAgain {
    /// Articles looked at.
    pub articles: usize,
    /// Read differently now.
    pub changed: usize,
    /// Without a stored page.
    pub without_page: usize,
    /// Of these, asked of the site soon.
    pub from_site: usize,
    /// Could not be read, and why.
    pub failed: Vec<String>,
}

impl App {
    /// Reads the stored pages of a section again; with `site` those articles that have none are read from the site, by
    /// the daemon, as soon as it comes to it.
    ///
    /// # Errors
    /// A section that the store does not know, or a store that is not well.
    pub async fn reread_stored(&self, section: &Arc<Section>, site: bool) -> Result<ReadAgain, LookError> {
        let row = self.store.section(&section.slug).await?;
        let row = row.ok_or_else(|| LookError::NoSection(section.slug.clone()))?;
        let (mut told, mut after) = (ReadAgain::default(), i64::MIN);
        loop {
            let part = self.store.stored(row.id, &section.slug, after, PART).await?;
            let Some(last) = part.last() else { return Ok(told) };
            after = last.due.article.id;
            let mut bare = Vec::new();
            for stored in part {
                told.articles += 1;
                match &stored.page {
                    None => bare.push(stored.due.article.id),
                    Some(page) => match self.read_stored(section, &stored, page).await? {
                        Ok(changed) => told.changed += usize::from(changed),
                        Err(why) => told.failed.push(format!("{}: {why}", stored.due.article.source_url)),
                    },
                }
            }
            told.without_page += bare.len();
            if site && !bare.is_empty() {
                let soon = self.store.read_all_soon(&bare, self.clock.now_ms()).await?;
                told.from_site += usize::try_from(soon).unwrap_or_default();
            }
        }
    }

    /// Whether it is read differently now.
    async fn read_stored(
        &self,
        section: &Arc<Section>,
        stored: &Stored,
        page: &str,
    ) -> Result<Result<bool, String>, LookError> {
        let due = &stored.due;
        let version = extract::Context::version(section);
        let most = self.config.fetch.max_bytes;
        let (context, page) = (extract::Context::of(section, self.clock.now()), page.to_owned());
        let url = due.article.source_url.clone();
        let read = move || {
            let bytes = unpack(&page, most)?;
            let media_type = match media_type_of(std::path::Path::new(url.path())) {
                named if url.scheme() == "file" => named.to_owned(),
                _ => "text/html".to_owned(),
            };
            let document = Document {
                url: url.clone(),
                media_type,
                charset: None,
                bytes,
                validators: crate::fetch::Validators::default(),
                date: None,
                moved: false,
                room: Room::default(),
            };
            extract::read(&document, &Candidate::of(url), &context).map_err(|error| error.to_string())
        };
        let read = tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| Err(error.to_string()));
        let mut reading = match read {
            Ok(reading) => reading,
            Err(why) => return Ok(Err(why)),
        };
        reading.measured.clone_from(&due.article.reading.measured);
        // By the same rules the same page says the same, whatever the listing added to it then.
        if version == due.extraction || identity::content_hash(&reading) == due.content_hash {
            return Ok(Ok(false));
        }
        let (validators, now_ms) = (&due.validators, self.clock.now_ms());
        let outcome = self
            .store
            .commit_reread(
                due.article.id,
                &reading,
                &version,
                validators,
                None,
                due.reads,
                stored.next_read,
                None,
                now_ms,
            )
            .await?;
        Ok(Ok(outcome != Reread::Same))
    }
}

/// What the store keeps, as it was; no more than a page may have.
fn unpack(page: &str, most: usize) -> Result<Vec<u8>, String> {
    let packed = BASE64.decode(page.as_bytes()).map_err(|error| format!("its stored page is damaged: {error}"))?;
    let mut bytes = Vec::new();
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    DeflateDecoder::new(packed.as_slice())
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("its stored page is damaged: {error}"))?;
    Ok(bytes)
}
