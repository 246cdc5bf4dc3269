//! The language of an article: what its letters show, else what the page says, else the section's.

use crate::config::Language;

/// Most characters of a text that are counted.
const MOST: usize = 3000;

/// BCP 47 language, and where it came from.
pub(super) fn find(stated: Option<&str>, text: &str, section: Language) -> (String, &'static str) {
    // The beginning tells enough.
    let beginning = || text.chars().take(MOST);
    let letters = beginning().filter(|c| c.is_alphabetic()).count();
    let marked = beginning().filter(|&c| is_vietnamese(c)).count();
    let stated = stated.map(|tag| tag.replace('_', "-")).filter(|tag| is_tag(tag));
    if letters >= 100 {
        let share = marked * 1000 / letters;
        let says_vi = stated.as_deref().map(Language::from_tag) == Some(Some(Language::Vi));
        if share > 80 && !says_vi {
            return ("vi".to_owned(), "letters");
        }
        if share < 5 && (says_vi || stated.is_none()) && is_english(text) {
            return ("en".to_owned(), "letters");
        }
    }
    match stated {
        Some(tag) => (tag, "page"),
        None => (section.code().to_owned(), "section"),
    }
}

/// Letters that are common in Vietnamese and rare elsewhere.
fn is_vietnamese(c: char) -> bool {
    matches!(
        c,
        'ă' | 'Ă' | 'đ' | 'Đ' | 'ơ' | 'Ơ' | 'ư' | 'Ư' | '\u{1EA0}'..='\u{1EF9}' | 'â' | 'ê' | 'ô' | 'à' | 'á' | 'ó'
    )
}

fn is_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    parts.next().is_some_and(|first| (2..=3).contains(&first.len()) && first.chars().all(|c| c.is_ascii_alphabetic()))
        && parts.all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()))
}

fn is_english(text: &str) -> bool {
    let words = text.split_whitespace().take(400);
    words.filter(|word| matches!(word.to_ascii_lowercase().as_str(), "the" | "of" | "and" | "to" | "in")).count() >= 5
}
