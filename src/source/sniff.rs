//! What a document is, by its first bytes: servers often name a type that is too general or wrong.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use crate::fetch::Document;

/// How far into a document its root element is looked for.
const HEAD: usize = 4096;
/// The most that is unpacked of a compressed document.
const MAX_UNPACKED: u64 = 16 * 1024 * 1024;

/// The first bytes as text, without a byte-order mark and white space before them.
pub fn head(bytes: &[u8]) -> Cow<'_, str> {
    let head = String::from_utf8_lossy(bytes.get(..HEAD).unwrap_or(bytes));
    let trimmed = head.trim_start_matches('\u{feff}').trim_start();
    if trimmed.len() == head.len() { head } else { Cow::Owned(trimmed.to_owned()) }
}

/// The name of the first element in the first bytes of XML or HTML, without its prefix; what stands before it is
/// stepped over.
pub fn root_name(head: &str) -> Option<&str> {
    let mut rest = head;
    // Declarations, comments and style sheets stand before the root.
    while rest.starts_with("<?") || rest.starts_with("<!") {
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.split('>').next().is_some_and(|head| head.starts_with("<!D") && head.contains('[')) {
            "]>"
        } else {
            ">"
        };
        rest = rest.split_once(end)?.1.trim_start();
    }
    let name = rest.strip_prefix('<')?.split([' ', '\t', '\r', '\n', '>', '/']).next()?;
    name.rsplit(':').next()
}

/// Whether a media type may hide XML or JSON of any kind.
pub fn is_general(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/json"
            | "text/json"
            | "text/plain"
            | "text/html"
            | "application/xml"
            | "text/xml"
            | "application/xhtml+xml"
            | "application/octet-stream"
            | ""
    ) || ["+xml", "+json"].iter().any(|suffix| media_type.ends_with(suffix) && !media_type.starts_with("image/"))
}

/// A document that is itself a gzip file (`sitemap.xml.gz`), unpacked: at most 16 MiB of it, which bounds what a
/// bomb can cost. Any other document as it is.
pub fn unpacked(document: &Document) -> Cow<'_, Document> {
    if !document.bytes.starts_with(&[0x1f, 0x8b]) {
        return Cow::Borrowed(document);
    }
    let mut bytes = Vec::new();
    // A file that is cut off or damaged at its end still gives what stands before that.
    let _ = MultiGzDecoder::new(document.bytes.as_slice()).take(MAX_UNPACKED).read_to_end(&mut bytes);
    // A file within the file is not unpacked again.
    if bytes.is_empty() || bytes.starts_with(&[0x1f, 0x8b]) {
        return Cow::Borrowed(document);
    }
    let document = Document {
        url: document.url.clone(),
        media_type: String::new(),
        charset: document.charset.clone(),
        bytes,
        validators: document.validators.clone(),
        date: document.date,
        moved: document.moved,
        room: document.room.clone(),
    };
    Cow::Owned(document)
}

#[cfg(test)]
mod tests {
    use super::is_general;

    #[test]
    fn what_is_named_oddly_may_be_anything_of_its_family() {
        for odd in ["application/x-rss+xml", "text/rss+xml", "application/x-atom+xml", "application/vnd.api+json", ""] {
            assert!(is_general(odd), "{odd}");
        }
        for told in ["image/svg+xml", "image/png", "application/pdf", "text/css"] {
            assert!(!is_general(told), "{told}");
        }
    }
}
