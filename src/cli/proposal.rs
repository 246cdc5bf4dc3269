//! A section as `add` and `init` propose it: named after its page, with a slug of its own, and written as the fewest
//! lines that say it.

use std::fmt::Write as _;

use url::Url;

use crate::article::text::folded;
use crate::config::{HtmlRules, Language, check_slug};

/// A section that may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proposal {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) url: String,
    /// Where it is not the file's.
    pub(super) language: Option<Language>,
    pub(super) translation_of: Option<String>,
    pub(super) telegram: Option<String>,
    /// Selectors, where recognition is not sure.
    pub(super) html: Option<HtmlRules>,
}

impl Proposal {
    /// Its lines in `config.toml`, without a blank line before or after.
    pub(super) fn toml(&self) -> String {
        let mut out = format!("[section.{}]\nname = {}\n", self.slug, quote(&self.name));
        if let Some(language) = self.language {
            let _ = writeln!(out, "language = {}", quote(language.code()));
        }
        let _ = writeln!(out, "url = {}", quote(&self.url));
        if let Some(other) = &self.translation_of {
            let _ = writeln!(out, "translation_of = {}", quote(other));
        }
        if let Some(chat) = &self.telegram {
            let _ = writeln!(out, "telegram = {}", quote(chat));
        }
        if let Some(html) = &self.html {
            let _ = writeln!(out, "[section.{}.html]", self.slug);
            let keys = [
                ("item", &html.item),
                ("link", &html.link),
                ("title", &html.title),
                ("date", &html.date),
                ("lead", &html.lead),
                ("image", &html.image),
            ];
            for (key, value) in keys {
                if let Some(value) = value {
                    let _ = writeln!(out, "{key} = {}", quote(value));
                }
            }
        }
        out
    }
}

/// A text as TOML writes it.
pub(super) fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A slug for a section: what its address is called, else its name; with a number where that is taken.
pub(super) fn slug_of(url: &Url, name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let last = url.path_segments().into_iter().flatten().rfind(|part| !part.is_empty()).unwrap_or_default();
    let last = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let named = slug(last);
    let plain = ["index", "default", "home", "rss", "feed", "atom", "posts", "trang-chu", "page", "sitemap"];
    let says =
        last.is_ascii() && named.len() >= 3 && named.chars().filter(char::is_ascii_digit).count() * 2 < named.len();
    let from_name = slug(name);
    let first = if says && !plain.contains(&named.as_str()) { named } else { from_name };
    let first =
        if check_slug(&first).is_ok() { first } else { format!("tin-{first}").trim_end_matches('-').to_owned() };
    let free = |slug: &str| check_slug(slug).is_ok() && !is_taken(slug);
    if free(&first) {
        return first;
    }
    (2..10_000).map(|number| format!("{first}-{number}")).find(|slug| free(slug)).unwrap_or(first)
}

/// Lower-case letters, digits and single hyphens, at most 48.
fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in folded(text).chars() {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            _ if !out.ends_with('-') && !out.is_empty() => out.push('-'),
            _ => {}
        }
        if out.len() >= 48 {
            break;
        }
    }
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_come_from_the_address_or_the_name_and_are_free() {
        let of = |url: &str, name: &str| slug_of(&url.parse().unwrap(), name, |slug| slug == "tin-tuc");
        assert_eq!(of("https://a.example/vi/kinh-te/", "Kinh tế"), "kinh-te");
        assert_eq!(of("https://a.example/tin-tuc.html", "Tin"), "tin-tuc-2");
        assert_eq!(of("https://a.example/?cat=5", "Đảng bộ tỉnh"), "dang-bo-tinh");
        assert_eq!(of("https://a.example/index.aspx?id=5", "Văn hóa - Xã hội"), "van-hoa-xa-hoi");
        assert_eq!(of("https://a.example/all", "All"), "tin-all");
        assert_eq!(of("https://a.example/12345", "?"), "tin");
        assert_eq!(of("https://a.example/rss.xml", "News"), "news");
    }

    #[test]
    fn what_is_written_loads() {
        let proposal = Proposal {
            slug: "a".into(),
            name: "Tin \"nóng\" \\ mới".into(),
            url: "https://a.example/?a=\"b\"".into(),
            language: Some(Language::En),
            translation_of: None,
            telegram: None,
            html: Some(HtmlRules { item: Some("div[class=\"x\"] > a".into()), ..HtmlRules::default() }),
        };
        let text = format!(
            "base_url = \"https://b.example\"\nlanguage = \"vi\"\ntimezone = \"Asia/Ho_Chi_Minh\"\n{}",
            proposal.toml()
        );
        let config = crate::config::load_str(&text, "config.toml".as_ref(), &|_| None).unwrap();
        assert_eq!(config.sections["a"].name, proposal.name);
        assert_eq!(config.sections["a"].html.item, proposal.html.unwrap().item);
    }
}
