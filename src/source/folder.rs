//! A folder of article files: each file is a candidate. What the file says of itself is read with the article.

use url::Url;

use super::{Context, Kind, Listing, SourceError};
use crate::article::Candidate;
use crate::fetch::{Document, FOLDER};

/// The kind.
pub struct Folder;

impl Kind for Folder {
    fn name(&self) -> &'static str {
        "folder"
    }

    fn recognises(&self, document: &Document) -> bool {
        document.media_type == FOLDER
    }

    fn list(&self, document: &Document, _: Context<'_>) -> Result<Listing, SourceError> {
        let text = document.text();
        let candidates: Vec<Candidate> =
            text.lines().filter_map(|line| line.parse::<Url>().ok()).map(Candidate::of).collect();
        let why = vec![match candidates.len() {
            0 => "the folder holds no article file (.html, .htm, .md, .markdown, .txt)".to_owned(),
            files => format!("{files} article files, the last changed first"),
        }];
        Ok(Listing { kind: self.name(), candidates, why, ..Listing::default() })
    }
}
