//! The files of an article: links to documents in the article's own box of the page.

use std::collections::HashSet;

use dom_query::{NodeId, NodeRef};
use url::Url;

use super::page::{attribute, text_of};
use crate::article::{Attachment, attachment, text};
use crate::fetch::bound::Walk as _;

/// Most files of an article.
const MOST: usize = 30;

/// The files that are linked below `home`, outside `furniture`, each once.
pub(super) fn find(home: &NodeRef<'_>, base: &Url, furniture: &HashSet<NodeId>) -> Vec<Attachment> {
    let mut out: Vec<Attachment> = Vec::new();
    for link in home.below().filter(|node| node.has_name("a")) {
        let Some(url) = attribute(&link, "href").and_then(|href| base.join(&href).ok()) else { continue };
        if !matches!(url.scheme(), "http" | "https") || out.iter().any(|known| known.url == url.as_str()) {
            continue;
        }
        let label = text_of(&link);
        let Some(media_type) = attachment::media_type(&url, &label) else { continue };
        if link.above(None).any(|up| furniture.contains(&up.id) || is_frame(&up)) || is_cited(&link, &label) {
            continue;
        }
        let name = Some(label).filter(|label| is_name(label)).or_else(|| attachment::file_name(&url));
        out.push(Attachment { url: url.into(), name, media_type: Some(media_type.to_owned()) });
        if out.len() >= MOST {
            break;
        }
    }
    out
}

fn is_frame(node: &NodeRef<'_>) -> bool {
    ["nav", "footer", "aside"].iter().any(|name| node.has_name(name))
}

/// A link in the middle of a long paragraph is a citation.
fn is_cited(link: &NodeRef<'_>, label: &str) -> bool {
    let paragraph = link.above(Some(6)).find(|up| up.has_name("p"));
    paragraph.is_some_and(|paragraph| {
        let whole = text_of(&paragraph).chars().count();
        whole > 160 && label.chars().count() * 4 < whole
    })
}

/// "Tải về" names no file.
fn is_name(label: &str) -> bool {
    let folded = text::folded(label);
    let verb =
        ["tai ve", "tai xuong", "tai file", "xem", "download", "view", "tai day", "here", "click here", "pdf", "file"];
    folded.chars().filter(|c| c.is_alphanumeric()).count() >= 3
        && folded.chars().count() <= 200
        && !verb.contains(&folded.trim_matches(|c: char| !c.is_alphanumeric()))
}
