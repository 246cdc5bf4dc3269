//! The file that `init` writes: the shipped `config.toml`, which explains every key, with the sections of the site in
//! place of those of the sample.

use crate::cli::proposal::{Proposal, quote};
use crate::config::Language;

/// The shipped file: the manual of the configuration.
const SHIPPED: &str = include_str!("../../../config.toml");

/// What is known of the site.
#[derive(Debug, Default)]
pub(super) struct Site {
    /// Who publishes it.
    pub(super) name: Option<String>,
    /// Its main language.
    pub(super) language: Option<Language>,
    /// Whether it is on this machine or a private network.
    pub(super) private: bool,
}

/// The whole file.
pub(super) fn text(site: &Site, sections: &[Proposal]) -> String {
    let (general, rest) = SHIPPED.split_once("# ---- Sections").unwrap_or((SHIPPED, ""));
    let (intro, samples) = rest.split_once("\n[section.").unwrap_or((rest, ""));
    let mut out = String::with_capacity(SHIPPED.len() + 1024);
    let mut in_sample = false;
    for line in general.lines() {
        // The paragraph about the sample site does not hold here.
        in_sample = line.starts_with("# It works as it is") || (in_sample && line != "#");
        if in_sample {
            continue;
        }
        let line = match line {
            "language = \"vi\"" => format!("language = {}", quote(site.language.unwrap_or_default().code())),
            "#allow_private = false" if site.private => "allow_private = true".to_owned(),
            // A site on this machine or network is one's own: nobody has to be spared.
            "#interval = \"1s\"" if site.private => "interval = \"0s\"".to_owned(),
            _ if line.starts_with("name = ") => match &site.name {
                Some(name) => format!("name = {}", quote(name)),
                None => format!("#{line}"),
            },
            _ if line.starts_with("schedule = ") => "#schedule = \"10m\"".to_owned(),
            _ => line.to_owned(),
        };
        out.push_str(&line);
        out.push('\n');
    }
    out.push_str("# ---- Sections");
    out.push_str(intro);
    out.push('\n');
    for section in sections {
        out.push_str(&section.toml());
        out.push('\n');
    }
    out.push_str("# ---- Every key of a section, by example; all of it is off ----\n\n");
    for line in format!("[section.{samples}").lines() {
        if !line.is_empty() && !line.starts_with('#') {
            out.push('#');
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load_str;

    #[test]
    fn the_starting_file_loads_and_has_every_key() {
        let text = text(&Site::default(), &[]);
        let config = load_str(&text, "config.toml".as_ref(), &|_| None).unwrap();
        assert!(config.sections.is_empty() && !config.fetch.allow_private);
        assert!(
            !text.contains("It works as it is") && !text.contains("\nurl = \"file:"),
            "nothing of the sample is on"
        );
        for line in SHIPPED.lines().filter(|line| line.contains(" = ")) {
            let key = line.trim_start_matches('#').split(" = ").next().unwrap_or_default();
            assert!(text.contains(&format!("{key} = ")), "{key}");
        }
    }

    #[test]
    fn a_site_fills_it_in() {
        let site = Site { name: Some("Cổng \"A\"".into()), language: Some(Language::En), private: true };
        let section = Proposal {
            slug: "news".into(),
            name: "News".into(),
            url: "http://127.0.0.1/news".into(),
            language: None,
            translation_of: None,
            telegram: None,
            html: None,
        };
        let config = load_str(&text(&site, &[section]), "config.toml".as_ref(), &|_| None).unwrap();
        assert_eq!((config.organisation.name.as_str(), config.language), ("Cổng \"A\"", Language::En));
        assert!(config.fetch.allow_private && config.sections.contains_key("news"));
    }
}
