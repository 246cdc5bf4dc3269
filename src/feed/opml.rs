//! OPML 2.0: the list of all section feeds, to subscribe to at once. `all` is not in it: readers that know an
//! article by its id alone (newsboat) would show it in one of the two feeds only.

use std::fmt::Write as _;

use super::sanitise::{self, escape, line};
use super::{Head, Kind};

/// The OPML document as bytes.
pub fn render(title: &str, sections: &[Head]) -> Vec<u8> {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head><title>");
    out.push_str(&escape(&line(title)));
    out.push_str("</title></head>\n<body>\n");
    for head in sections {
        let name = escape(&line(&head.title));
        // Writing to a String does not fail.
        let _ = writeln!(
            out,
            "<outline type=\"rss\" text=\"{name}\" title=\"{name}\" xmlUrl=\"{}\" htmlUrl=\"{}\" language=\"{}\"/>",
            escape(&head.self_url(Kind::Rss)),
            escape(&sanitise::url(&head.link).unwrap_or_else(|| head.base_url.clone())),
            escape(&head.language),
        );
    }
    out.push_str("</body>\n</opml>\n");
    out.into_bytes()
}
