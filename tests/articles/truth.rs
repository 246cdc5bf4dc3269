//! The pages of a part and what a person reads from them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// What is right for a page. `None` and empty lists are answers too.
#[derive(Debug, Clone, Deserialize)]
pub struct Truth {
    #[serde(skip)]
    pub name: String,
    pub url: String,
    pub title: String,
    pub lead: Option<String>,
    pub byline: Option<String>,
    pub published: Option<String>,
    pub language: String,
    pub section: Option<String>,
    pub tags: Vec<String>,
    pub paragraphs: Vec<String>,
    /// Addresses of the lead picture that are right; none where the article has no picture.
    pub image: Vec<String>,
    pub pictures: Vec<Picture>,
    pub attachments: Vec<Attachment>,
    pub document: Option<Document>,
    /// Titles and summaries of other articles: none may be read.
    pub related: Vec<String>,
    /// Text of the site: none should be read.
    pub boilerplate: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Picture {
    pub urls: Vec<String>,
    pub caption: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Attachment {
    pub url: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Document {
    pub number: String,
    pub date: String,
    pub issuer: String,
}

/// The pages of a folder as text, each with its truth.
pub fn pages(folder: &Path) -> Vec<(Truth, String)> {
    let text = std::fs::read_to_string(folder.join("truth.json")).expect("the truth");
    let all: BTreeMap<String, Truth> = serde_json::from_str(&text).expect("a truth for each page");
    let page = |(name, truth): (String, Truth)| {
        let bytes = std::fs::read(folder.join(format!("{name}.html"))).expect("a page for each truth");
        let stated = String::from_utf8_lossy(&bytes).to_lowercase();
        let charset = if stated.contains("charset=windows-1258") {
            encoding_rs::WINDOWS_1258
        } else if stated.contains("charset=windows-1252") {
            encoding_rs::WINDOWS_1252
        } else {
            encoding_rs::UTF_8
        };
        (Truth { name, ..truth }, charset.decode(&bytes).0.into_owned())
    };
    all.into_iter().map(page).collect()
}
