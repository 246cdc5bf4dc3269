//! The picture of a post: fetched by us, checked against Telegram's limits, and uploaded. Any trouble with it is
//! a reason to post without it, never a reason not to post.

use std::path::PathBuf;

use imagesize::ImageType;

use crate::channel::Entry;
use crate::config::Section;
use crate::fetch::{Fetched, Fetcher, LARGE, Request, Want};

/// Most bytes of a photo.
const MAX_BYTES: usize = 10 * 1024 * 1024;
/// Most of width and height together.
const MAX_SIDES: usize = 10_000;
/// Most times one side may be longer than the other.
const MAX_RATIO: usize = 20;

/// A picture Telegram will take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// A name with the right extension.
    pub name: &'static str,
}

/// The address of the picture that stands for the article.
pub fn address(entry: &Entry) -> Option<&str> {
    entry.article.reading.image.as_ref().map(|picture| picture.url.as_str())
}

/// A picture that goes into a post: the id of its file, where it was uploaded before, or its bytes.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its address.
    pub address: String,
    /// The file's id.
    pub file: Option<String>,
    /// The file.
    pub bytes: Option<Picture>,
}

/// Most pictures of an album.
const MOST: usize = 10;

/// The addresses of all pictures of an article, the one that stands for it first, as many as an album holds.
pub fn gallery(entry: &Entry) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for url in address(entry).into_iter().chain(entry.article.reading.pictures.iter().map(|one| one.url.as_str())) {
        if !all.contains(&url) && all.len() < MOST {
            all.push(url);
        }
    }
    all
}

/// Fetches a picture of an article.
///
/// # Errors
/// Why the post goes without it.
pub async fn load(fetcher: &Fetcher, entry: &Entry, address: &str) -> Result<Picture, String> {
    let url = address.parse().map_err(|e| format!("its address: {e}"))?;
    let request = Request {
        url: &url,
        validators: None,
        allow_private: entry.section.allow_private,
        root: root(&entry.section),
        want: Want::Picture,
        large: LARGE,
    };
    match fetcher.of(&entry.section).get(&request).await {
        Ok(Fetched::Document(document)) => check(document.bytes),
        Ok(Fetched::NotModified) => Err("the answer was empty".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The folder of a section that is read from files; pictures of other sections are never read from files.
fn root(section: &Section) -> Option<PathBuf> {
    let path = section.url.to_file_path().ok()?;
    if path.is_dir() { Some(path) } else { path.parent().map(PathBuf::from) }
}

/// Whether Telegram takes the file as a photo.
pub fn check(bytes: Vec<u8>) -> Result<Picture, String> {
    if bytes.len() > MAX_BYTES {
        return Err(format!("{} bytes are more than Telegram's 10 MB", bytes.len()));
    }
    let name = match imagesize::image_type(&bytes) {
        Ok(ImageType::Jpeg) => "picture.jpg",
        Ok(ImageType::Png) => "picture.png",
        Ok(ImageType::Webp) => "picture.webp",
        Ok(ImageType::Gif) => "picture.gif",
        _ => return Err("it is no JPEG, PNG, WebP or GIF".to_owned()),
    };
    let size = imagesize::blob_size(&bytes).map_err(|e| e.to_string())?;
    let (long, short) = (size.width.max(size.height), size.width.min(size.height));
    if short == 0 || long + short > MAX_SIDES || long > short * MAX_RATIO {
        return Err(format!("{} × {} is beyond Telegram's limits", size.width, size.height));
    }
    Ok(Picture { bytes, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gif(width: u16, height: u16) -> Vec<u8> {
        let mut bytes = b"GIF89a".to_vec();
        bytes.extend(width.to_le_bytes());
        bytes.extend(height.to_le_bytes());
        bytes.extend([0; 16]);
        bytes
    }

    #[test]
    fn only_what_telegram_takes_is_uploaded() {
        assert_eq!(check(gif(640, 480)).unwrap().name, "picture.gif");
        assert!(check(gif(5001, 5000)).is_err());
        assert!(check(gif(2100, 100)).is_err());
        assert!(check(gif(0, 100)).is_err());
        assert!(check(b"<svg/>".to_vec()).is_err());
        assert!(check(vec![0; MAX_BYTES + 1]).is_err());
    }
}
