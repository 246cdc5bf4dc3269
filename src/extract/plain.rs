//! Reads an article from a text file as an editor would paste it: perhaps a line of language names, the title,
//! paragraphs parted by empty lines, a caption where a picture stood, the by-line, the boilerplate below.

use url::Url;

use super::blocks::Block;
use super::{Context, ExtractError, blocks, byline, date, language, tail, when};
use crate::article::{Candidate, Reading, SourceDate, clean, text};

/// Reads a text.
pub(super) fn read(source: &str, url: &Url, candidate: &Candidate, context: &Context) -> Result<Reading, ExtractError> {
    let mut groups = groups(source);
    let missing = |missing| ExtractError::Empty { url: url.to_string(), missing };
    if groups.first().is_some_and(|group| is_language_switch(&group.text)) {
        groups.remove(0);
    }
    let mut out = Reading::default();
    if groups.is_empty() {
        return Err(missing("title"));
    }
    out.title = groups.remove(0).text;
    // A short line of its own below the title may be the date.
    let options = when::options(context);
    if let Some(at) =
        groups.first().filter(|group| group.text.chars().count() <= 80).and_then(|g| date::parse(&g.text, &options))
    {
        out.published = Some(SourceDate { at, provenance: "visible text".to_owned() });
        groups.remove(0);
    }
    let found: Vec<Block> = groups
        .iter()
        .map(|group| {
            let mut block = Block::paragraph(&group.text);
            // A short line after a wide gap was the caption of a picture that the text form lost. It stays in
            // its place, set apart: there is no picture to bind it to.
            if group.gap >= 2 && block.length() <= 200 && !tail::is_stop(&block.text, &[]) {
                block.html = format!("<em>{}</em>", block.html);
            }
            block
        })
        .collect();
    let (line, found) = byline::take(tail::cut(found, &context.rules.stop_at));
    out.html = clean::clean_html(&blocks::to_html(&found), url);
    out.text = clean::to_text(&out.html);
    if out.text.is_empty() {
        return Err(missing("text"));
    }
    out.byline = line.or_else(|| candidate.byline.clone());
    out.lead.clone_from(&candidate.lead);
    out.tags.clone_from(&candidate.tags);
    out.published = out.published.or_else(|| candidate.published.clone());
    out.updated.clone_from(&candidate.updated);
    out.language = Some(language::find(None, &out.text, context.language).0);
    for (field, source) in [("title", "first line"), ("text", "plain text")] {
        out.provenance.insert(field.to_owned(), source.to_owned());
    }
    if out.byline.is_some() {
        out.provenance.insert("byline".to_owned(), "end of the text".to_owned());
    }
    if let Some(date) = &out.published {
        out.provenance.insert("published".to_owned(), date.provenance.clone());
    }
    Ok(out)
}

/// A paragraph, and how many empty lines stand above it.
struct Group {
    text: String,
    gap: usize,
}

/// The paragraphs: lines between empty lines. Lines of a paragraph that was wrapped by hand are joined.
fn groups(content: &str) -> Vec<Group> {
    let mut out: Vec<Group> = Vec::new();
    let mut gap = 0;
    let mut wrapped = false;
    for line in content.trim_start_matches('\u{feff}').lines() {
        let length = line.trim_end().chars().count();
        let line = text::one_line(line);
        if line.is_empty() {
            gap += 1;
            continue;
        }
        match out.last_mut() {
            Some(last) if gap == 0 && wrapped => {
                last.text.push(' ');
                last.text.push_str(&line);
            }
            _ => out.push(Group { text: line, gap }),
        }
        wrapped = (60..=100).contains(&length);
        gap = 0;
    }
    out
}

/// "Tiếng việt | English": the names of languages, parted by bars.
fn is_language_switch(line: &str) -> bool {
    let names: Vec<String> = line.split(['|', '/']).map(|name| text::folded(name.trim())).collect();
    names.len() >= 2
        && names.iter().all(|name| {
            matches!(
                name.as_str(),
                "tieng viet"
                    | "viet nam"
                    | "vietnamese"
                    | "vn"
                    | "vi"
                    | "english"
                    | "en"
                    | "tieng anh"
                    | "francais"
                    | "deutsch"
            )
        })
}
