//! The picture that stands for the article: the page's own choice where it is the article's, the first of the body,
//! the listing's. Never the site's emblem or the picture it shares pages with by default.

use url::Url;

use super::metadata::Metadata;
use super::page::Page;
use crate::article::{Candidate, Picture, picture};

/// The picture and where it came from.
pub(super) fn find(
    page: &Page,
    said: &Metadata,
    candidate: &Candidate,
    pictures: &[Picture],
) -> Option<(Picture, &'static str)> {
    let chosen = said.images.iter().find_map(|(value, from)| {
        let url = picture::absolute(value, &page.base).filter(|url| !is_emblem(url))?;
        let url = String::from(url);
        // The body may know its caption.
        let known = pictures.iter().find(|picture| picture.url == url).cloned();
        Some((known.unwrap_or(Picture { url, ..Picture::default() }), *from))
    });
    chosen
        .or_else(|| {
            let own = |picture: &&Picture| {
                picture.width.is_none_or(|width| width >= 120)
                    && Url::parse(&picture.url).is_ok_and(|url| !is_emblem(&url))
            };
            pictures.iter().find(own).cloned().map(|picture| (picture, "body"))
        })
        .or_else(|| {
            let url = candidate.image.as_ref().filter(|url| !is_emblem(url))?;
            Some((Picture { url: url.to_string(), ..Picture::default() }, "listing"))
        })
}

/// Words of a file's name that say that the picture is the site's: alone, or among words that say nothing.
const EMBLEMS: &[&str] = &["logo", "logos", "favicon", "quochuy", "placeholder", "noimage", "default", "sitelogo"];
const NOTHING: &[&str] = &[
    "og",
    "share",
    "sharing",
    "social",
    "facebook",
    "fb",
    "card",
    "image",
    "img",
    "site",
    "thumb",
    "thumbnail",
    "cover",
    "web",
    "meta",
    "open",
    "graph",
];

/// The same of an address as text.
pub(super) fn is_emblem_address(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| is_emblem(&url))
}

/// Whether a picture is the site's emblem rather than the article's.
fn is_emblem(url: &Url) -> bool {
    let name = url.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name.as_str(), ""));
    // A folder of banners holds nothing else.
    let folder = url.path_segments().is_some_and(|mut parts| {
        parts.any(|part| part.eq_ignore_ascii_case("banner") || part.eq_ignore_ascii_case("banners"))
    });
    if folder || matches!(extension, "svg" | "ico") || name.starts_with("icon-") || name.starts_with("banner") {
        return true;
    }
    let words: Vec<&str> = stem.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    let emblem = |word: &&str| EMBLEMS.contains(word);
    let says_nothing = |word: &&str| NOTHING.contains(word) || EMBLEMS.contains(word);
    // "quoc-huy" is one word in two; a long name may hold "default" by chance.
    stem.contains("quoc-huy")
        || (words.len() <= 4 && words.iter().any(emblem))
        || (!words.is_empty() && words.iter().all(says_nothing) && words.len() >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emblems_are_told_from_pictures() {
        let of = |name: &str| is_emblem(&format!("https://www.example.vn/a/{name}").parse().unwrap());
        for name in ["logo.png", "site-logo.jpg", "share-default.jpg", "og-image.png", "x.svg", "banner-2024.jpg"] {
            assert!(of(name), "{name}");
        }
        for name in ["hoi-nghi-1.jpg", "image.jpg", "IMG_2031.JPG", "le-ra-mat-logo-moi-cua-tinh-nha.jpg", "cover.jpg"]
        {
            assert!(!of(name), "{name}");
        }
    }
}
