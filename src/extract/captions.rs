//! Binds captions to their pictures where the page does not say so itself: the slanted, centred or so-named
//! line right below a picture.

use super::blocks::{Block, Kind};

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

/// Whether the block below a picture is its caption.
fn is_caption(block: &Block, home: usize) -> bool {
    if block.kind != Kind::Paragraph || block.length() > LONGEST || block.length() < 3 || block.quoted {
        return false;
    }
    let short = block.length() <= 250;
    block.caption
        || (short && (block.italic || block.centred))
        || (short && home != 0 && block.home == home && block.length() <= 160)
}
