//! Which feeds there are, of which sections each shows the articles, and which of them a change touches.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Head, Kind, heads};
use crate::config::{Config, Section};
use crate::store::{Store, StoreError};

/// One feed to render: its head and the sections whose articles it shows.
pub(super) struct Plan {
    pub head: Head,
    pub sections: Vec<i64>,
}

/// Plans feeds of a configuration over the sections that the store knows.
pub(super) struct Planner<'a> {
    pub config: &'a Config,
    /// The configured sections by their keys in the store.
    pub sections: HashMap<i64, Arc<Section>>,
    ids: HashMap<String, i64>,
    authority: &'a str,
}

impl<'a> Planner<'a> {
    /// Asks the store for its keys.
    pub async fn new(store: &Store, config: &'a Config, authority: &'a str) -> Result<Self, StoreError> {
        let ids = store.section_ids().await?;
        let sections =
            config.sections.iter().filter_map(|(slug, section)| Some((*ids.get(slug)?, section.clone()))).collect();
        Ok(Self { config, sections, ids, authority })
    }

    /// The feeds of one section each that a change of these sections touches; without any said, all of them.
    pub fn own(&self, changed: Option<&[i64]>) -> Vec<Plan> {
        let sections = self.config.sections.values().map(|section| (section, self.ids.get(&section.slug).copied()));
        let touched = sections.filter(|(_, id)| is_touched(*id, changed));
        touched
            .map(|(section, id)| Plan {
                head: Head::of_section(self.config, section, self.authority),
                sections: id.into_iter().collect(),
            })
            .collect()
    }

    /// The feeds of several sections that it touches: `all`, and those of the languages.
    pub fn joint(&self, changed: Option<&[i64]>) -> Vec<Plan> {
        let mut plans = Vec::new();
        for language in std::iter::once(None).chain(heads::languages(self.config).into_iter().map(Some)) {
            let of = self.config.sections.values();
            let of = of.filter(|section| language.is_none_or(|language| section.language == language));
            let of: Vec<Option<i64>> = of.map(|section| self.ids.get(&section.slug).copied()).collect();
            if changed.is_none() || of.iter().any(|id| is_touched(*id, changed)) {
                let head = Head::of_all(self.config, language, self.authority);
                plans.push(Plan { head, sections: of.into_iter().flatten().collect() });
            }
        }
        plans
    }
}

fn is_touched(id: Option<i64>, changed: Option<&[i64]>) -> bool {
    changed.is_none_or(|changed| id.is_some_and(|id| changed.contains(&id)))
}

/// The names of all feed files of a configuration.
pub(super) fn names(config: &Config) -> impl Iterator<Item = String> {
    let slugs = config.sections.keys().cloned().chain(joint_slugs(config));
    let files = slugs.flat_map(|slug| Kind::FORMATS.map(|kind| format!("{slug}.{}", kind.extension())));
    files.chain(["feeds.opml".to_owned()])
}

/// Whether a file is a feed that can be followed: one of a configured section or of several.
pub(super) fn is_topic(config: &Config, name: &str) -> bool {
    let Some((slug, _)) = name.rsplit_once('.').filter(|_| Kind::of(name).is_some_and(|kind| kind != Kind::Opml))
    else {
        return false;
    };
    config.sections.contains_key(slug) || joint_slugs(config).any(|joint| joint == slug)
}

/// Whether a file is a feed of several sections. Their slugs are reserved.
pub(super) fn is_joint(name: &str) -> bool {
    name.strip_prefix("all").is_some_and(|rest| rest.starts_with(['.', '-']))
}

/// The slugs of the feeds of several sections.
fn joint_slugs(config: &Config) -> impl Iterator<Item = String> {
    let languages = heads::languages(config).into_iter().map(|language| format!("all-{}", language.code()));
    std::iter::once("all".to_owned()).chain(languages)
}

/// The slugs of all feeds that a change of these sections touches.
pub(super) fn touched(config: &Config, ids: &HashMap<String, i64>, changed: &[i64]) -> Vec<String> {
    let own = config.sections.values().filter(|section| is_touched(ids.get(&section.slug).copied(), Some(changed)));
    let own: Vec<&Arc<Section>> = own.collect();
    let mut slugs: Vec<String> = own.iter().map(|section| section.slug.clone()).collect();
    if !own.is_empty() {
        slugs.push("all".to_owned());
        let spoken = heads::languages(config).into_iter();
        let spoken = spoken.filter(|language| own.iter().any(|section| section.language == *language));
        slugs.extend(spoken.map(|language| format!("all-{}", language.code())));
    }
    slugs
}
