//! What comes with an article besides its text: files, and the fields of an official document.

use serde::{Deserialize, Serialize};
use url::Url;

use super::text;

/// A file of an article.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Attachment {
    /// Absolute address.
    pub url: String,
    /// The name that the page gives it, else its file name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Media type, told by its extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// What a server said of a file or picture.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Measured {
    /// Its address, as the article has it.
    pub url: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its media type, where it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// An official document ("văn bản") as its page describes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OfficialDocument {
    /// "19/NQ-HĐND".
    pub number: Option<String>,
    /// The day of issue, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// The body that issued it.
    pub issuer: Option<String>,
    /// Who signed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// "Quyết định", "Kế hoạch".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl OfficialDocument {
    /// One line for readers: number, issuing body, day.
    pub fn line(&self) -> String {
        let day = self.date.as_deref().map(|date| {
            let mut parts: Vec<&str> = date.split('-').collect();
            parts.reverse();
            parts.join("/")
        });
        let parts: Vec<&str> =
            [self.number.as_deref(), self.issuer.as_deref(), day.as_deref()].into_iter().flatten().collect();
        parts.join(" · ")
    }
}

/// Extensions of files that are read outside the browser, and their media types.
const TYPES: &[(&str, &str)] = &[
    ("pdf", "application/pdf"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("rtf", "application/rtf"),
    ("zip", "application/zip"),
    ("rar", "application/vnd.rar"),
    ("7z", "application/x-7z-compressed"),
];

/// The media type of a file by the extension in its path, its query or its name on the page; `None` for a page.
pub fn media_type(url: &Url, label: &str) -> Option<&'static str> {
    let extension = |name: &str| {
        let (_, extension) = name.trim().rsplit_once('.')?;
        let extension = extension.to_ascii_lowercase();
        TYPES.iter().find(|(known, _)| *known == extension).map(|(_, media_type)| *media_type)
    };
    let in_path = url.path().split('/').rev().find_map(extension);
    in_path.or_else(|| url.query_pairs().find_map(|(_, value)| extension(&value))).or_else(|| extension(label))
}

/// The file's own name, decoded.
pub fn file_name(url: &Url) -> Option<String> {
    let named = |name: &str| name.contains('.').then(|| text::one_line(name)).filter(|name| !name.is_empty());
    let decoded = |part: &str| {
        // The query parser decodes; a path has no other one at hand.
        url::form_urlencoded::parse(format!("x={}", part.replace('+', "%2B").replace('&', "%26")).as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
    };
    let path = url.path().rsplit('/').next().and_then(decoded).filter(|name| media_type_of(name).is_some());
    path.or_else(|| url.query_pairs().map(|(_, value)| value.into_owned()).find(|name| media_type_of(name).is_some()))
        .and_then(|name| named(&name))
}

fn media_type_of(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    TYPES.iter().find(|(known, _)| extension.eq_ignore_ascii_case(known)).map(|(_, media_type)| *media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_from_pages() {
        let of = |url: &str, label: &str| {
            let url: Url = url.parse().unwrap();
            (media_type(&url, label), file_name(&url))
        };
        let pdf = Some("application/pdf");
        assert_eq!(of("https://a.vn/x/K%E1%BA%BF%20ho%E1%BA%A1ch.PDF", ""), (pdf, Some("Kế hoạch.PDF".into())));
        assert_eq!(of("https://a.vn/d.aspx?id=1&f=19-NQ.pdf", "Tải về"), (pdf, Some("19-NQ.pdf".into())));
        assert_eq!(of("https://a.vn/documents/1/19.pdf/3f2a", ""), (pdf, None));
        assert_eq!(of("https://a.vn/get?id=7", "Công văn 7.pdf"), (pdf, None));
        assert_eq!(of("https://a.vn/tin/a.html", "Tin"), (None, None));
    }
}
