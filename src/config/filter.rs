//! `[section.SLUG.filter]`: keywords and regular expressions, compiled once. How they are matched stands in
//! `source::filter`.

use regex::{Regex, RegexBuilder};
use serde_spanned::Spanned;
use sha2::{Digest as _, Sha256};

use super::checker::Checker;
use super::codes::Code;
use super::raw::{RawFilter, RawFilterRule};
use super::shapes::{OneOrMany, TextOrTable};

/// Largest compiled form of one expression: what is larger costs time on every article.
const MAX_COMPILED: usize = 1 << 20;
const HELP: &str = "write a keyword, or a regular expression after \"re:\", as in 're:^Thông báo số \\d+'";

/// The filters of a section; and, as `include` alone, what is urgent in it.
#[derive(Debug, Clone, Default)]
pub struct FilterRules {
    /// With any rule here, an article has to match one.
    pub include: Vec<FilterRule>,
    /// What matches one of these is dropped; stands over `include`.
    pub exclude: Vec<FilterRule>,
    /// Changes whenever a rule does: what was dropped under other rules is judged again.
    pub hash: String,
}

impl PartialEq for FilterRules {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for FilterRules {}

/// One rule.
#[derive(Debug, Clone)]
pub struct FilterRule {
    /// Where it looks.
    pub field: FilterField,
    /// What it looks for.
    pub pattern: FilterPattern,
    /// The rule as it is told.
    pub written: String,
}

/// Where a rule looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterField {
    /// Title, lead and tags.
    Any,
    /// The title.
    Title,
    /// Lead and text.
    Text,
    /// The by-line.
    Byline,
    /// Each tag.
    Tag,
    /// The address.
    Url,
}

/// What a rule looks for.
#[derive(Debug, Clone)]
pub enum FilterPattern {
    /// Whole words, in any case, with or without accents.
    Keyword(String),
    /// A regular expression, in any case; `^` and `$` are ends of a paragraph.
    Regex(Regex),
}

impl FilterRules {
    /// The rules with their hash.
    pub fn new(include: Vec<FilterRule>, exclude: Vec<FilterRule>) -> Self {
        let mut hash = Sha256::new();
        for rule in include.iter().chain(&exclude) {
            hash.update(rule.written.as_bytes());
            hash.update([0]);
        }
        hash.update(include.len().to_be_bytes());
        let hash = data_encoding::HEXLOWER.encode(hash.finalize().get(..8).unwrap_or_default());
        Self { include, exclude, hash }
    }

    /// Whether every article is let in.
    pub fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }
}

impl FilterRule {
    /// A rule and how it is told: `title "bão"`.
    pub fn new(field: FilterField, text: &str, pattern: FilterPattern) -> Self {
        let name = match field {
            FilterField::Any => "",
            FilterField::Title => "title ",
            FilterField::Text => "text ",
            FilterField::Byline => "byline ",
            FilterField::Tag => "tag ",
            FilterField::Url => "url ",
        };
        Self { field, pattern, written: format!("{name}\"{text}\"") }
    }
}

/// A keyword, or a regular expression after `re:`.
pub fn filter_pattern(text: &str) -> Result<FilterPattern, String> {
    let Some(expression) = text.strip_prefix("re:") else {
        let word = text.trim();
        return match word.trim_matches('*') {
            "" => Err("an empty keyword".to_owned()),
            _ => Ok(FilterPattern::Keyword(word.to_owned())),
        };
    };
    if expression.is_empty() {
        return Err("an empty regular expression".to_owned());
    }
    let regex = RegexBuilder::new(expression).case_insensitive(true).multi_line(true).size_limit(MAX_COMPILED).build();
    regex.map(FilterPattern::Regex).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the regular expression is too large when it is compiled".to_owned(),
        // The last line says what is wrong; the others draw where, which the report does itself.
        error => {
            let text = error.to_string();
            let told = text.lines().last().unwrap_or_default();
            format!("not a regular expression: {}", told.trim_start_matches("error: "))
        }
    })
}

/// A section's own lists stand for those of `[defaults]`.
pub fn resolve(own: &RawFilter, all: &RawFilter, checker: &mut Checker<'_>) -> FilterRules {
    let include = rules(pick(&own.include, &all.include), checker);
    let exclude = rules(pick(&own.exclude, &all.exclude), checker);
    FilterRules::new(include, exclude)
}

/// `urgent`: rules of the same kind, by which an article waits for nothing.
pub fn urgent(own: &Given, all: &Given, checker: &mut Checker<'_>) -> FilterRules {
    FilterRules::new(rules(pick(own, all), checker), Vec::new())
}

type Given = OneOrMany<TextOrTable<RawFilterRule>>;

fn pick<'a>(own: &'a Given, all: &'a Given) -> &'a Given {
    if own.0.is_empty() { all } else { own }
}

fn rules(given: &Given, checker: &mut Checker<'_>) -> Vec<FilterRule> {
    let mut out = Vec::new();
    for entry in &given.0 {
        match entry.get_ref() {
            TextOrTable::Text(text) => {
                let text = Spanned::new(entry.span(), text.clone());
                out.extend(rule(FilterField::Any, &text, checker));
            }
            TextOrTable::Number(number) => {
                let text = Spanned::new(entry.span(), number.to_string());
                out.extend(rule(FilterField::Any, &text, checker));
            }
            TextOrTable::Table(table) => {
                for (field, texts) in [
                    (FilterField::Title, &table.title),
                    (FilterField::Text, &table.text),
                    (FilterField::Byline, &table.byline),
                    (FilterField::Tag, &table.tag),
                    (FilterField::Url, &table.url),
                ] {
                    out.extend(texts.0.iter().filter_map(|text| rule(field, text, checker)));
                }
            }
        }
    }
    out
}

fn rule(field: FilterField, text: &Spanned<String>, checker: &mut Checker<'_>) -> Option<FilterRule> {
    let pattern = checker.read(Code::Filter, Some(text), HELP, filter_pattern)?;
    Some(FilterRule::new(field, text.get_ref(), pattern))
}
