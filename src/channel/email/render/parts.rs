//! What mails are made of: pictures, files, the articles of a digest.

use serde::Serialize;
use url::Url;

use crate::article::{Picture, text};
use crate::channel::{Entry, entry};
use crate::config::Language;

/// Most files of an article in a mail.
const FILES: usize = 8;
/// Characters of a lead in a digest.
const DIGEST_LEAD: usize = 240;
/// Characters of a title in a digest.
const DIGEST_TITLE: usize = 300;
/// Width of a picture beside a digest's article.
const THUMB: u32 = 132;

#[derive(Serialize)]
pub(super) struct Image {
    pub(super) url: String,
    pub(super) width: u32,
    /// At that width, where the picture's size is known.
    pub(super) height: Option<u32>,
    pub(super) alt: String,
    pub(super) caption: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Item {
    pub(super) title: String,
    /// Its language, where it is not the mail's.
    pub(super) lang: Option<String>,
    pub(super) lead: Option<String>,
    pub(super) date: Option<String>,
    pub(super) url: Option<String>,
    pub(super) image: Option<Image>,
}

#[derive(Serialize)]
pub(super) struct Group {
    pub(super) section: String,
    /// Its language, where it is not the mail's.
    pub(super) lang: Option<&'static str>,
    pub(super) items: Vec<Item>,
}

/// Name and address of the files that the text itself does not link to.
pub(super) fn files(reading: &crate::article::Reading) -> Vec<(String, String)> {
    let linked = |url: &str| reading.html.contains(url) || reading.html.contains(&url.replace('&', "&amp;"));
    let unlinked = reading.attachments.iter().filter(|file| !linked(&file.url)).take(FILES);
    unlinked.map(|file| (entry::line(file.name.as_deref().unwrap_or(&file.url)), file.url.clone())).collect()
}

/// The same as paragraphs of links.
pub(super) fn links(files: &[(String, String)]) -> String {
    let escape = crate::feed::sanitise::escape;
    let mut out = String::new();
    for (name, url) in files {
        out.push_str("\n<p><a href=\"");
        out.push_str(&escape(url));
        out.push_str("\">");
        out.push_str(&escape(name));
        out.push_str("</a></p>");
    }
    out
}

pub(super) fn paragraphs(body: &str) -> Vec<String> {
    body.lines().map(entry::line).filter(|p| !p.is_empty()).collect()
}

/// A picture a mail can show, in a column of `most` pixels.
pub(super) fn image(picture: &Picture, most: u32) -> Option<Image> {
    let url = Url::parse(&picture.url).ok().filter(entry::is_web)?;
    let caption = picture.caption.as_deref().map(entry::line).filter(|c| !c.is_empty());
    let stated = picture.width.filter(|&w| w > 0);
    let width = stated.unwrap_or(most).min(most);
    Some(Image {
        url: url.into(),
        width,
        height: stated.zip(picture.height.filter(|&h| h > 0)).map(|(w, h)| (h.saturating_mul(width) / w).max(1)),
        alt: caption.clone().unwrap_or_default(),
        caption,
    })
}

pub(super) fn item(entry: &Entry, language: Language, full: bool, pictures: bool) -> Item {
    let picture = entry.article.reading.image.as_ref().filter(|_| full && pictures);
    let own = entry.article.reading.language.as_deref().unwrap_or(entry.section.language.code());
    Item {
        lang: Some(own).filter(|own| *own != language.code()).map(str::to_owned),
        title: text::shorten(&entry::title(entry), DIGEST_TITLE),
        lead: if full { entry::lead(entry, DIGEST_LEAD) } else { None },
        date: if full { entry::date(entry, language) } else { None },
        url: entry::page(entry).map(|u| u.as_str().to_owned()),
        // The title beside it says it all, so the picture needs no text of its own.
        image: picture.and_then(|p| image(p, THUMB)).map(|i| Image { alt: String::new(), caption: None, ..i }),
    }
}

/// The articles by section, sections in the order of their first article.
pub(super) fn groups(entries: &[Entry], language: Language, pictures: bool) -> Vec<Group> {
    let mut groups: Vec<(&str, Group)> = Vec::new();
    for entry in entries {
        let slug = entry.section.slug.as_str();
        let item = item(entry, language, true, pictures);
        if let Some((_, group)) = groups.iter_mut().find(|(of, _)| *of == slug) {
            group.items.push(item);
        } else {
            let section = entry::line(&entry.section.name);
            let lang = Some(entry.section.language).filter(|own| *own != language).map(Language::code);
            groups.push((slug, Group { section, lang, items: vec![item] }));
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
