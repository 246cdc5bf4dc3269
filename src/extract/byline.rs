//! Who wrote it: the line below the text ("Tin, ảnh: Thủy Châu", "By Jane Doe"), else what the page says of
//! its author. Names of accounts are no authors.

use super::blocks::{Block, Kind};
use crate::article::text;

/// Longest line that may be a by-line.
const LONGEST: usize = 130;

/// Beginnings of by-lines, folded; a colon or the name follows.
const LABELS: &[&str] = &[
    "tin, bai va anh",
    "tin, bai, anh",
    "tin va anh",
    "tin, anh",
    "tin - anh",
    "tin-anh",
    "tin anh",
    "tin bai",
    "tin, bai",
    "bai va anh",
    "bai, anh",
    "bai - anh",
    "bai viet va anh",
    "bai viet",
    "bai",
    "tin",
    "anh",
    "tac gia",
    "nguoi viet",
    "thuc hien",
    "nhom pv",
    "nguon tin",
    "nguon",
    "theo",
    "bien tap",
    "phong vien",
    "pv",
    "ctv",
    "btv",
    "story and photos",
    "story and photo",
    "text and photos",
    "text and photo",
    "story",
    "text",
    "photos",
    "photo",
    "reported by",
    "written by",
    "author",
    "source",
    "by",
];

/// The by-line at the end of the text, and the text without it.
pub(super) fn take(mut blocks: Vec<Block>) -> (Option<String>, Vec<Block>) {
    let mut found: Option<String> = None;
    // A source and a name may stand on two lines; pictures may follow.
    for _ in 0..3 {
        let Some(index) = blocks.iter().rposition(|block| block.picture().is_none()) else { break };
        if blocks.len() < 2 {
            break;
        }
        let Some(block) = blocks.get_mut(index) else { break };
        // The last line of a paragraph may be the by-line: "… kết thúc.<br>Thủy Châu"
        let (whole, line) = match block.html.rfind("<br>").filter(|_| block.kind == Kind::Paragraph) {
            Some(at) => {
                let tail = plain(block.html.get(at + 4..).unwrap_or_default());
                (Some(at), tail)
            }
            None => (None, block.text.clone()),
        };
        let Some(name) = name_of(&line, block) else { break };
        if let Some(at) = whole {
            block.html.truncate(at);
            block.text = plain(&block.html);
        } else {
            blocks.remove(index);
        }
        // The name stands below the source it was taken from, or above: the line with "Tin, ảnh" wins.
        found = Some(match found {
            Some(earlier) if !is_source(&line) => {
                if name == earlier {
                    earlier
                } else {
                    name
                }
            }
            Some(earlier) => earlier,
            None => name,
        });
    }
    (found, blocks)
}

fn plain(html: &str) -> String {
    text::one_line(&dom_query::Document::fragment(html).text())
}

/// Whether a line names where the text was taken from rather than who wrote it.
fn is_source(line: &str) -> bool {
    let folded = text::folded(line);
    folded.starts_with("theo") || folded.starts_with("nguon") || folded.starts_with("source")
}

/// The name in a line below the text.
fn name_of(line: &str, block: &Block) -> Option<String> {
    let line = line.trim().trim_matches(|c| matches!(c, '(' | ')' | '*' | '[' | ']' | '-' | '–' | '/'));
    let line = line.trim();
    let length = line.chars().count();
    if length == 0 || length > LONGEST || matches!(block.kind, Kind::Table | Kind::Heading(_) | Kind::Pre) {
        return None;
    }
    if let Some(rest) = after_label(line) {
        return rest;
    }
    // "Thủy Châu" alone, set to the right or in bold: capitalised words and no full stop.
    let bare = (block.right || is_bold(block)) && length <= 60 && is_names(line, 6);
    bare.then(|| tidy(line)).flatten()
}

/// The names behind a label; `Some(None)` is a label with nothing usable behind it.
#[expect(clippy::option_option, reason = "no label, and a label without a name, are different answers")]
fn after_label(line: &str) -> Option<Option<String>> {
    let folded = text::folded(line);
    for label in LABELS {
        let Some(rest) = folded.strip_prefix(label) else { continue };
        let colon = rest.trim_start().starts_with(':');
        // Folding keeps the count of letters for Vietnamese and English.
        let skip = label.chars().count();
        let tail: String = line.chars().skip(skip).collect();
        let tail = tail.trim_start().trim_start_matches(':').trim();
        if colon {
            return Some(tidy(tail).filter(|name| name.chars().count() <= 90));
        }
        // Without a colon only some labels are clear, and only before names.
        let open =
            matches!(*label, "theo" | "by" | "pv" | "ctv" | "btv" | "nhom pv" | "phong vien" | "nguon" | "source");
        if open && (rest.is_empty() || rest.starts_with([' ', '.'])) {
            if rest.is_empty() {
                return Some(tidy(line));
            }
            // An office is named with small letters too ("Theo Sở Tài chính").
            let office = is_source(line) && is_office(tail);
            return (office || is_names(tail, 8)).then(|| tidy(tail));
        }
    }
    None
}

/// Whether a text may be the name of an office: a few words that begin with a capital, and no clause.
fn is_office(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_uppercase)
        && text.split_whitespace().count() <= 8
        && !text.contains([',', ';', ':', '!', '?'])
        && !text.ends_with('.')
}

/// The name in an element that is called the author's: a name and nothing else.
pub(super) fn named(line: &str) -> Option<String> {
    tidy(line).filter(|name| is_names(name, 6))
}

/// Whether a text is nothing but names: few words, each with a capital, no end of a sentence.
fn is_names(text: &str, most: usize) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let small = |word: &str| matches!(word, "và" | "and" | "-" | "–" | "/" | "&" | "," | "|" | "of" | "the");
    !words.is_empty()
        && words.len() <= most
        && !text.ends_with(['.', '!', '?', ':', ';'])
        && words.iter().all(|word| {
            let begins = word.trim_start_matches(['(', '"', '“']).chars().next();
            small(word) || begins.is_some_and(char::is_uppercase)
        })
}

/// Whether all of a block is bold.
fn is_bold(block: &Block) -> bool {
    let tree = dom_query::Document::fragment(block.html.as_str());
    let bold: usize =
        tree.select("b,strong").nodes().iter().map(|node| node.text().trim().chars().count()).max().unwrap_or(0);
    bold > 0 && bold * 10 >= block.length() * 9
}

/// A name without its wrapping, or nothing where it is the name of an account, an address or a number.
pub(super) fn tidy(raw: &str) -> Option<String> {
    let mut name = text::one_line(raw);
    for prefix in ["by ", "written by ", "posted by ", "bởi ", "tác giả:", "author:"] {
        if name.to_lowercase().starts_with(prefix) {
            let rest: String = name.chars().skip(prefix.chars().count()).collect();
            name = text::one_line(&rest);
        }
    }
    let name = name.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | '|' | '-' | '–' | '(' | ')' | ':' | '*' | '@')
    });
    let name = name.strip_suffix('.').filter(|rest| rest.contains(' ')).unwrap_or(name);
    let folded = text::folded(name);
    let account = [
        "admin",
        "administrator",
        "webmaster",
        "editor",
        "root",
        "user",
        "superadmin",
        "quan tri",
        "ban bien tap web",
        "nukeviet",
        "unknown",
        "none",
        "null",
    ]
    .contains(&folded.as_str());
    let address =
        name.contains("://") || name.contains('@') || folded.starts_with("www.") || folded.starts_with("http");
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let dated = name.chars().filter(char::is_ascii_digit).count() >= 4;
    (!account && !address && !dated && letters >= 2 && name.chars().count() <= LONGEST).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(lines: &[&str]) -> (Option<String>, usize) {
        let blocks: Vec<Block> = lines.iter().map(|line| Block::paragraph(line)).collect();
        let (name, rest) = take(blocks);
        (name, rest.len())
    }

    #[test]
    fn the_line_below_the_text_is_taken() {
        for (line, name) in [
            ("Tin, ảnh: Thủy Châu", "Thủy Châu"),
            ("Bài và ảnh: Nguyễn Văn An - Lê Bình", "Nguyễn Văn An - Lê Bình"),
            ("Tác giả: Trần Thị Hoa", "Trần Thị Hoa"),
            ("Theo TTXVN", "TTXVN"),
            ("(Theo Báo Nhân Dân)", "Báo Nhân Dân"),
            ("Theo Sở Tài chính", "Sở Tài chính"),
            ("Nguồn: Cổng thông tin điện tử Chính phủ", "Cổng thông tin điện tử Chính phủ"),
            ("PV", "PV"),
            ("By Jane Doe", "Jane Doe"),
            ("Story and photos: Thuy Chau", "Thuy Chau"),
        ] {
            assert_eq!(taken(&["Một câu dài của bài.", line]), (Some(name.to_owned()), 1), "{line}");
        }
    }

    #[test]
    fn a_short_last_paragraph_stays() {
        for line in [
            "Theo kế hoạch, hội nghị diễn ra trong hai ngày.",
            "By the end of the year the road will be open.",
            "Tin vui đến với bà con trong xã.",
            "Bài học ở đây là sự kiên trì.",
        ] {
            assert_eq!(taken(&["Một câu dài của bài.", line]), (None, 2), "{line}");
        }
        // a label with an account behind it is removed and names nobody
        assert_eq!(taken(&["Một câu.", "Tác giả: admin"]).0, None);
    }

    #[test]
    fn the_writer_wins_over_the_source() {
        assert_eq!(taken(&["Một câu.", "Tin, ảnh: Thủy Châu", "Nguồn: TTXVN"]), (Some("Thủy Châu".into()), 1));
    }
}
