//! Binds captions to their pictures where the page does not say so itself: the slanted, centred or so-named
//! line right below a picture.

use std::collections::HashMap;

use super::blocks::{Block, Kind};
use crate::article::{Picture, text};

/// Longest caption.
const LONGEST: usize = 400;

/// Moves captions from the text into their pictures.
pub(super) fn bind(blocks: Vec<Block>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        let before = out.last_mut();
        if let Some(Block { kind: Kind::Picture(picture), home, .. }) = before
            && picture.caption.is_none()
            && is_caption(&block, *home)
        {
            picture.caption = Some(block.text);
            continue;
        }
        // A line named a caption that follows no picture belongs to a film or a player.
        if block.caption && block.kind == Kind::Paragraph && block.length() <= LONGEST {
            continue;
        }
        out.push(block);
    }
    out
}

/// "Ảnh: Quốc Huy" right below a picture belongs to it.
fn is_photo_credit(line: &str) -> bool {
    let folded = text::folded(line);
    folded.starts_with("anh:") || folded.starts_with("photo:")
}

/// Gives pictures the captions that are known from the page itself, and takes these lines out of the text.
pub(super) fn mend(blocks: Vec<Block>, known: &[Picture]) -> Vec<Block> {
    let mut captions: HashMap<&str, Option<&String>> = HashMap::new();
    for picture in known {
        captions.entry(&picture.url).or_insert(picture.caption.as_ref());
    }
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    // The caption that is waited for, and how many blocks may still stand before it.
    let mut awaited: Option<(String, usize)> = None;
    for mut block in blocks {
        if let Kind::Picture(picture) = &mut block.kind {
            let caption = captions.get(picture.url.as_str()).copied().flatten().cloned();
            if let (None, Some(caption)) = (&picture.caption, caption) {
                awaited = Some((text::match_key(&caption), 2));
                picture.caption = Some(caption);
            }
        } else if let Some((key, left)) = awaited.take() {
            if text::match_key(&block.text) == key {
                continue;
            }
            awaited = left.checked_sub(1).filter(|left| *left > 0).map(|left| (key, left));
        }
        out.push(block);
    }
    out
}

/// Whether the block below a picture is its caption.
fn is_caption(block: &Block, home: usize) -> bool {
    if block.kind != Kind::Paragraph || block.length() > LONGEST || block.length() < 3 || block.quoted {
        return false;
    }
    // The line of the writer below the last picture is no caption of it.
    if !block.caption && super::byline::is_credit(&block.text) && !is_photo_credit(&block.text) {
        return false;
    }
    let short = block.length() <= 250;
    block.caption
        || (short && (block.italic || block.centred))
        || (short && home != 0 && block.home == home && block.length() <= 160)
}
