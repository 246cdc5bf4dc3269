//! An article made of what the listing alone says: a full-text feed, or a section that opens no pages.

use super::{Context, ExtractError, html, language};
use crate::article::{Candidate, Picture, Reading, clean, text};

/// The reading of a candidate.
pub(super) fn read(candidate: &Candidate, context: &Context) -> Result<Reading, ExtractError> {
    let mut out = Reading::default();
    let title = candidate.title.as_deref().map(text::one_line).filter(|title| !title.is_empty());
    out.title = title.ok_or_else(|| ExtractError::Empty { url: candidate.url.to_string(), missing: "title" })?;
    out.lead = candidate.lead.as_deref().map(text::one_line).filter(|lead| !lead.is_empty());
    let mut line = None;
    if let Some(body) = candidate.body.as_deref().filter(|body| !body.trim().is_empty()) {
        (line, out.html, out.pictures) = html::fragment(body, &candidate.url);
    }
    if out.html.is_empty()
        && let Some(lead) = &out.lead
    {
        out.html = clean::clean_html(&format!("<p>{}</p>", super::blocks::escape(lead)), &candidate.url);
    }
    out.text = clean::to_text(&out.html);
    out.byline = candidate.byline.as_deref().and_then(super::byline::tidy).or(line);
    let listed = candidate.image.as_ref().map(|url| Picture { url: url.to_string(), ..Picture::default() });
    out.image = listed.or_else(|| out.pictures.first().cloned());
    out.tags.clone_from(&candidate.tags);
    out.published.clone_from(&candidate.published);
    out.updated.clone_from(&candidate.updated);
    out.language = Some(language::find(None, &out.text, context.language).0);
    let filled = [
        ("title", true),
        ("lead", out.lead.is_some()),
        ("text", !out.text.is_empty()),
        ("byline", out.byline.is_some()),
        ("image", out.image.is_some()),
        ("tags", !out.tags.is_empty()),
    ];
    for (field, _) in filled.into_iter().filter(|(_, filled)| *filled) {
        out.provenance.insert(field.to_owned(), "listing".to_owned());
    }
    for (field, date) in [("published", &out.published), ("updated", &out.updated)] {
        if let Some(date) = date {
            out.provenance.insert(field.to_owned(), date.provenance.clone());
        }
    }
    Ok(out)
}
