//! What belongs to the site and not to the article: related articles, share bars, counters, tag lists, print
//! and comment forms. Cut from the blocks by names, by the lines they begin with, and by their share of links.

use super::blocks::{Block, Kind};
use crate::article::text;

/// Names (single words of class and id) of elements that are no part of an article.
const JUNK_WORDS: &[&str] = &[
    "share",
    "sharing",
    "sharedaddy",
    "social",
    "socials",
    "related",
    "comments",
    "comment",
    "respond",
    "disqus",
    "newsletter",
    "subscribe",
    "subscription",
    "breadcrumb",
    "breadcrumbs",
    "advert",
    "advertisement",
    "ads",
    "adsbygoogle",
    "sponsor",
    "sponsored",
    "promo",
    "toolbar",
    "rating",
    "pagination",
    "pager",
    "paging",
    "outbrain",
    "taboola",
    "recommended",
    "recommendations",
    "trending",
    "popular",
    "sidebar",
    "cookie",
    "popup",
    "modal",
    "signup",
    "paywall",
    "addthis",
    "sharethis",
    "lienquan",
    "chiase",
    "binhluan",
    "danhgia",
    "quangcao",
    "docthem",
    "xemthem",
    "tinlienquan",
    "jp",
    "printfriendly",
    "skip",
    "screen-reader-text",
    "sr-only",
    "visually-hidden",
    "visuallyhidden",
];

/// Whole names and pairs of words.
const JUNK_NAMES: &[&str] = &[
    "other-news",
    "detail-related",
    "news-related",
    "tin-lien-quan",
    "tin-khac",
    "cac-tin-khac",
    "bai-lien-quan",
    "post-tags",
    "entry-tags",
    "article-tags",
    "tags-links",
    "tag-list",
    "tags",
    "author-box",
    "author-bio",
    "about-author",
    "post-navigation",
    "nav-links",
    "read-more",
    "readmore",
    "more-stories",
    "more-news",
    "see-also",
    "box-tin",
    "entry-meta",
    "post-meta",
    "article-meta",
    "byline",
    "dateline-meta",
    "breaking-news",
    "most-read",
    "video-player",
    "infobox-related",
    "print-link",
    "keywords",
    "news-tags",
    "block-tags",
    "article-footer",
    "entry-footer",
    "post-footer",
    "lfr-pagination-buttons",
    "taglib-ratings",
    "jp-relatedposts",
    "wp-block-latest-posts",
];

/// Whether the words of an element's class and id name something that is no part of an article.
pub(super) fn is_junk_name(words: &[String]) -> bool {
    let body = |word: &String| matches!(word.as_str(), "articlebody" | "article-body" | "entry-content" | "body");
    if words.iter().any(body) {
        return false;
    }
    words.iter().any(|word| JUNK_WORDS.contains(&word.as_str()) || JUNK_NAMES.contains(&word.as_str()))
}

/// Lines with which the article is over, folded. Only lines under 100 characters are compared.
const STOPS: &[&str] = &[
    "tin cung chuyen muc",
    "cung chuyen muc",
    "tin lien quan",
    "bai lien quan",
    "bai viet lien quan",
    "cac tin khac",
    "cac bai khac",
    "tin khac",
    "tin bai khac",
    "tin, bai khac",
    "nhung tin moi hon",
    "nhung tin cu hon",
    "tin moi hon",
    "tin cu hon",
    "cac tin, bai da dua",
    "cac tin da dua",
    "tin da dua",
    "cac tin bai lien quan",
    "tin bai lien quan",
    "y kien ban doc",
    "y kien cua ban",
    "binh luan",
    "gui binh luan",
    "in bai viet",
    "in trang",
    "in ra",
    "gui bai viet qua email",
    "gui email",
    "luu bai viet",
    "danh gia bai viet",
    "tong so diem cua bai viet",
    "tang co chu",
    "giam co chu",
    "luot xem",
    "so luot xem",
    "da xem",
    "chia se bai viet",
    "click de danh gia bai viet",
    "tin moi nhat",
    "tin noi bat",
    "doc nhieu",
    "xem nhieu",
    "co the ban quan tam",
    "tin tuc khac",
    "thong bao khac",
    "ban in",
    "quay lai",
    "ve dau trang",
    "dau trang",
    "related articles",
    "related news",
    "related stories",
    "related posts",
    "related topics",
    "related content",
    "related links",
    "more from",
    "more stories",
    "more news",
    "you may also like",
    "you might also like",
    "recommended for you",
    "recommended stories",
    "read next",
    "up next",
    "most read",
    "most popular",
    "latest news",
    "leave a reply",
    "leave a comment",
    "post a comment",
    "join the conversation",
    "view comments",
    "show comments",
    "share this",
    "share on facebook",
    "follow us on",
    "sign up for our",
    "subscribe to our",
    "other news",
    "newer news",
    "older news",
    "print this article",
    "about the author",
    "trending now",
    "comments (",
];

/// Lines that stop only when they are the whole line.
const WHOLE_STOPS: &[&str] = &[
    "chia se",
    "thich",
    "in",
    "tweet",
    "share",
    "print",
    "email",
    "comments",
    "related",
    "tags",
    "xem them",
    "doc them",
    "see also",
    "read more",
    "tu khoa",
    "advertisement",
    "quang cao",
];

/// Beginnings of lines that lead away and are left out wherever they stand, when links make most of them.
const ASIDES: &[&str] = &[
    "xem them",
    "doc them",
    "read more",
    "read also",
    "also read",
    "see also",
    "related:",
    "more:",
    "watch:",
    "watch more",
    "don't miss",
    "click here",
    "theo doi",
    "moi quy doc gia",
    "moi ban doc",
    "tin lien quan",
    "bai lien quan",
    "tags:",
    "tu khoa",
    "follow ",
    "listen:",
    "recommended",
];

/// Whether a line says that the article is over.
pub(super) fn is_stop(line: &str, own: &[String]) -> bool {
    if line.chars().count() >= 100 {
        return own.iter().any(|stop| text::match_key(line) == text::match_key(stop));
    }
    let folded = text::folded(line);
    let folded = folded.trim_matches(|c: char| !c.is_alphanumeric() && c != '(');
    let key = text::match_key(line);
    own.iter().any(|stop| key.starts_with(&text::match_key(stop)))
        || STOPS.iter().any(|stop| folded.starts_with(stop))
        || WHOLE_STOPS.iter().any(|stop| folded.trim_end_matches([':', ' ', '0', '1', '2']) == *stop)
}

/// Whether a block leads away from the article ("Xem thêm: …").
fn is_aside(block: &Block) -> bool {
    let share = block.link_share();
    if block.length() > 260 || share < 40 {
        return false;
    }
    let folded = text::folded(&block.text);
    ASIDES.iter().any(|start| folded.starts_with(start))
        || (share > 90 && block.kind == Kind::Paragraph && !block.quoted && block.length() > 12)
}

/// Whether a block is nothing but links: a list of other articles.
fn is_links(block: &Block) -> bool {
    block.picture().is_none() && block.length() > 0 && block.link_share() > 70
}

/// Cuts what is not the article. `own` are the section's own stop lines, which always stop.
pub(super) fn cut(mut blocks: Vec<Block>, own: &[String]) -> Vec<Block> {
    let total: usize = blocks.iter().filter(|block| !is_links(block)).map(Block::length).sum();
    let mut before = 0;
    let mut end = blocks.len();
    for (index, block) in blocks.iter().enumerate() {
        let short = matches!(block.kind, Kind::Paragraph | Kind::Heading(_) | Kind::List);
        let line = if block.kind == Kind::List { String::new() } else { block.text.clone() };
        if short && !line.is_empty() && is_stop(&line, own) {
            let configured = own.iter().any(|stop| text::match_key(&line).starts_with(&text::match_key(stop)));
            // A box in the middle of the text is followed by most of the article.
            if configured || before * 2 >= total {
                end = index;
                break;
            }
        }
        if !is_links(block) {
            before += block.length();
        }
    }
    blocks.truncate(end);
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    let mut in_box = false;
    for block in blocks {
        if is_stop(&block.text, own) && block.picture().is_none() && block.kind != Kind::List {
            in_box = true;
            continue;
        }
        if in_box && (is_links(&block) || block.picture().is_some()) {
            continue;
        }
        in_box = false;
        if is_aside(&block) || (block.kind == Kind::List && block.link_share() > 85) {
            continue;
        }
        out.push(block);
    }
    while out.last().is_some_and(|block| matches!(block.kind, Kind::Heading(_)) || is_links(block)) {
        out.pop();
    }
    out
}
