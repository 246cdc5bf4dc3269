//! The words by which a page's dates are told: names of class and id, headings behind which the article has ended,
//! labels.

use crate::article::text;

/// Words of class and id that name a date.
pub(super) const NAMES: &[&str] = &[
    "date",
    "dates",
    "time",
    "datetime",
    "timestamp",
    "ngay",
    "thoigian",
    "publish",
    "published",
    "posted",
    "pubdate",
    "dateline",
    "postdate",
    "ngaydang",
    "created",
    "meta",
    "lblngaydang",
    "lbdate",
    "byline",
    "updated",
    "clock",
];

/// Words of class and id of boxes whose dates belong to something else.
pub(super) const OTHERS: &[&str] = &[
    "related",
    "comment",
    "comments",
    "sidebar",
    "footer",
    "copyright",
    "widget",
    "event",
    "events",
    "today",
    "menu",
    "nav",
    "lienquan",
    "trending",
    "popular",
    "weather",
    "recommended",
    "recirc",
    "ticker",
    "carousel",
    "cookie",
];

/// What heads the part of a page in which other things than the article stand.
pub(super) const ENDS: &[&str] = &[
    "related",
    "related articles",
    "related posts",
    "related stories",
    "related news",
    "related content",
    "related reading",
    "related topics",
    "comments",
    "leave a comment",
    "leave a reply",
    "leave a review",
    "you may also like",
    "you might also like",
    "you may also be interested in",
    "recommended",
    "recommended for you",
    "recommended articles",
    "read next",
    "up next",
    "read more articles",
    "more articles",
    "more stories",
    "more posts",
    "recent posts",
    "recent articles",
    "latest posts",
    "latest news",
    "latest articles",
    "popular posts",
    "most popular",
    "most read",
    "featured posts",
    "tin liên quan",
    "tin cùng chuyên mục",
    "bài liên quan",
    "bài viết liên quan",
    "các tin khác",
    "các tin liên quan",
    "các tin, bài đã đưa",
    "các bài khác",
    "tin khác",
    "tin mới hơn",
    "tin cũ hơn",
    "những tin mới hơn",
    "những tin cũ hơn",
    "ý kiến bạn đọc",
    "bình luận",
    "có thể bạn quan tâm",
];

/// What says that a date is the first of several.
pub(super) const FIRST: &[&str] =
    &["originally published on", "first published on", "đăng lần đầu", "xuất bản lần đầu"];

/// Whether a name speaks of a date: "post-date", "pubTime", "ngay-dang".
pub(super) fn is_name(word: &str) -> bool {
    (word.ends_with("date") && !word.ends_with("update")) || word.ends_with("time") || word.contains("ngay")
}

/// Whether a line says of its date that it is the day of publication.
pub(super) fn says_published(content: &str, before: &str) -> bool {
    let key = text::match_key(content);
    let label = text::match_key(before);
    let words = [
        "published",
        "posted",
        "xuất bản",
        "đăng lúc",
        "ngày đăng",
        "đăng ngày",
        "đăng:",
        "gửi lúc",
        "veröffentlich",
        "publié",
        "publicado",
        "pubblicato",
    ];
    // "Date 19.01.2020"
    let dated = ["date", "datum"].iter().any(|word| {
        let digit = |rest: &str| rest.trim_start_matches([':', ' ']).starts_with(|c: char| c.is_ascii_digit());
        key.strip_prefix(word).is_some_and(digit) || label.trim_end_matches(':') == *word
    });
    dated || words.iter().any(|word| key.contains(word) || (label.len() <= 40 && label.ends_with(word)))
}

/// Whether a line calls its date something else than a publication: "Verkündet am: 12.11.2009".
pub(super) fn says_else(content: &str) -> bool {
    let key = text::match_key(content);
    let Some((label, _)) = key.split_once(':') else { return false };
    let known = ["ngày", "thời gian", "date", "datum", "time", "lúc", "cập nhật", "updated", "by", "on"];
    label.chars().count() <= 40
        && label.chars().any(char::is_alphabetic)
        && !label.chars().any(|c| c.is_ascii_digit())
        && !known.iter().any(|word| label.contains(word))
}

/// A cheap look before the parser.
pub(super) fn may_be_date(content: &str) -> bool {
    let digits = content.bytes().filter(u8::is_ascii_digit).count();
    (2..=40).contains(&digits) && content.len() >= 4
}
