//! The lead: what the page sets apart as one, else its description where that is a sentence of its own.

use super::metadata::Metadata;
use super::page::Page;
use crate::article::text;

/// Elements that hold a lead.
const LEADS: &str = ".sapo,.article__sapo,.singular-sapo,.detail-sapo,.hometext,.article-sapo,.ArticleSummary,\
    .chi-tiet-sub-content,h2.lead,p.lead,.article-lead,.entry-lead,.lead-text,.standfirst,.article-summary,\
    [itemprop~=description]:not(meta),[id$=lblTomTat],[id$=lbSummary],.mota,.tomtat,.news-sapo,.chapeau";

/// The lead and where it came from.
pub(super) fn find(
    page: &Page,
    selector: Option<&str>,
    said: &Metadata,
    listed: Option<&str>,
    body: &str,
) -> Option<(String, &'static str)> {
    if let Some(own) = selector.and_then(|selector| page.first_text(selector)) {
        return Some((own, "selector"));
    }
    if let Some(lead) = set_apart(page) {
        return Some((lead, "lead element"));
    }
    let body_key = text::match_key(body);
    let own_words = |lead: &str| {
        let key = text::match_key(lead);
        let begins: String = key.trim_start_matches(['-', ' ']).chars().take(60).collect();
        !is_cut(lead) && !body_key.contains(&begins)
    };
    let described = said.descriptions.iter().map(|(text, from)| (text.as_str(), *from));
    described
        .chain(listed.map(|text| (text, "listing")))
        .map(|(lead, from)| (text::one_line(lead), from))
        .find(|(lead, _)| (40..=600).contains(&lead.chars().count()) && own_words(lead))
}

/// The lead that the page sets apart in an element of its own.
pub(super) fn set_apart(page: &Page) -> Option<String> {
    page.first_text(LEADS).filter(|lead| (20..=900).contains(&lead.chars().count()))
}

/// Whether a text was cut in the middle of a sentence.
fn is_cut(lead: &str) -> bool {
    let end = lead.trim_end();
    end.ends_with('…')
        || end.ends_with("...")
        || end.ends_with("[…]")
        || !end.ends_with(['.', '!', '?', '"', '”', ')', '»'])
}
