//! What stands at the head of each feed, from the configuration alone: sections, `all`, one for each language.

use std::sync::Arc;

use super::{Head, Item, MAX_BYTES, websub};
use crate::article::Article;
use crate::config::{Config, Language, Section, TextMode};
use crate::locale;

/// The authority of ids as configured; by default the host of `base_url` and `,2026` (RFC 4151). The store and the
/// manifest freeze it: see [`super::FeedSet::authority`].
pub fn authority(config: &Config) -> String {
    let default = || format!("{},2026", config.base_url.host_str().unwrap_or("localhost"));
    config.feeds.authority.clone().unwrap_or_else(default)
}

/// The languages in which there are sections, in the file's order.
pub(super) fn languages(config: &Config) -> Vec<Language> {
    let mut languages = Vec::new();
    for section in config.sections.values() {
        if !languages.contains(&section.language) {
            languages.push(section.language);
        }
    }
    languages
}

impl Head {
    /// The head of a section's feed.
    pub fn of_section(config: &Config, section: &Section, authority: &str) -> Self {
        let site = [section.site.as_ref(), Some(&section.url)].into_iter().flatten();
        let link = site.filter(|url| matches!(url.scheme(), "http" | "https")).map(ToString::to_string).next();
        let other = section.translation_of.as_deref().and_then(|slug| config.sections.get(slug)).or_else(|| {
            config.sections.values().find(|other| other.translation_of.as_deref() == Some(section.slug.as_str()))
        });
        Self {
            link: link.unwrap_or_else(|| page(config, &section.slug)),
            slug: section.slug.clone(),
            first_slug: section.formerly.first().unwrap_or(&section.slug).clone(),
            title: titled(&section.name, config),
            description: section
                .description
                .clone()
                .unwrap_or_else(|| described("feed-description", section.language, &section.name, config)),
            language: section.language.code().to_owned(),
            timezone: section.timezone,
            text: section.text,
            translation: other.map(|other| (other.slug.clone(), other.language.code().to_owned())),
            ..Self::of_all(config, None, authority)
        }
    }

    /// The head of the feed of all sections, or of those in one language.
    pub fn of_all(config: &Config, language: Option<Language>, authority: &str) -> Self {
        let spoken = language.unwrap_or(config.language);
        let slug = language.map_or_else(|| "all".to_owned(), |language| format!("all-{}", language.code()));
        let name = match language {
            None => locale::text(spoken, "feed-all", &[]),
            Some(_) => locale::text(spoken, "feed-all-language", &[]),
        };
        Self {
            first_slug: slug.clone(),
            slug,
            authority: authority.to_owned(),
            title: titled(&name, config),
            description: described("feed-description-all", spoken, &name, config),
            language: spoken.code().to_owned(),
            timezone: config.timezone,
            link: config.base_url.to_string(),
            base_url: config.base_url.to_string(),
            publisher: config.organisation.name.clone(),
            text: TextMode::Full,
            enclosure: config.feeds.enclosure,
            query: None,
            hubs: websub::hubs(config),
            translation: None,
            max_bytes: MAX_BYTES,
        }
    }
}

impl Item {
    /// An article in a feed; `sections` are those it is in, this feed's first.
    pub fn new(config: &Config, article: Article, sections: &[Arc<Section>]) -> Self {
        let first = sections.first();
        let lead = sections.iter().any(|section| section.text == TextMode::Lead);
        let own = || first.map_or(config.language, |section| section.language).code().to_owned();
        Self {
            sections: sections.iter().map(|section| section.name.clone()).collect(),
            page: first.map_or_else(|| config.base_url.to_string(), |section| page(config, &section.slug)),
            language: article.reading.language.clone().unwrap_or_else(own),
            text: if lead { TextMode::Lead } else { TextMode::Full },
            guid: None,
            article,
        }
    }
}

/// bantin's own page of a section.
pub(super) fn page(config: &Config, slug: &str) -> String {
    format!("{}s/{slug}", config.base_url)
}

fn titled(name: &str, config: &Config) -> String {
    match config.organisation.name.trim() {
        "" => name.to_owned(),
        organisation => format!("{name} – {organisation}"),
    }
}

fn described(key: &str, language: Language, name: &str, config: &Config) -> String {
    let args = [("name".to_owned(), name.to_owned()), ("publisher".to_owned(), config.organisation.name.clone())];
    locale::text(language, key, &args)
}
