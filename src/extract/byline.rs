//! Who wrote it: the line below the text ("Tin, ảnh: Thủy Châu", "Words and pictures by Jane Doe"), else what stands
//! around the text. Names of accounts are no authors.

mod credits;
mod head;
mod people;

use super::blocks::{Block, Kind};
use super::tail;
use crate::article::text;

pub(super) use credits::{named, tidy};
pub(super) use head::{above as around_title, below as under_text};

/// Longest line that may be a by-line.
const LONGEST: usize = 130;

/// The by-line at the end of the text, and the text without it.
pub(super) fn take(mut blocks: Vec<Block>) -> (Option<String>, Vec<Block>) {
    let mut found: Option<String> = None;
    // A source and a name may stand on two lines; pictures may follow.
    for _ in 0..3 {
        let Some(index) = blocks.iter().rposition(|block| !may_follow(block)) else { break };
        let above = index.checked_sub(1).and_then(|above| blocks.get(above)).is_some_and(ends_sentence);
        if blocks.len() < 2 {
            break;
        }
        let Some(block) = blocks.get_mut(index) else { break };
        // The last line of a paragraph may be the by-line: "… kết thúc.<br>Thủy Châu"
        let (whole, line, last) = match block.html.rfind("<br>").filter(|_| block.kind == Kind::Paragraph) {
            Some(at) => {
                let tail = plain(block.html.get(at + 4..).unwrap_or_default());
                let before = plain(block.html.get(..at).unwrap_or_default());
                (Some(at), tail, before.chars().count() >= 60 && is_end_of_sentence(&before))
            }
            None => (None, block.text.clone(), above),
        };
        let end = if last && found.is_none() { End::Whole } else { End::Body };
        let Some(name) = name_of(&line, block, end) else { break };
        if let Some(at) = whole {
            block.html.truncate(at);
            block.text = plain(&block.html);
        } else {
            blocks.remove(index);
        }
        // The name stands below the source it was taken from, or above: the line with "Tin, ảnh" wins.
        found = match (found, name) {
            (Some(earlier), Some(name)) if !credits::is_source(&line) && name != earlier => Some(name),
            (Some(earlier), _) => Some(earlier),
            (None, name) => name,
        };
        // A label with an account behind it names nobody, and stands alone.
        if found.is_none() {
            break;
        }
    }
    (found, blocks)
}

/// Whether a block may stand below the by-line: a picture, a file, their label, a counter, when the page was changed.
fn may_follow(block: &Block) -> bool {
    let short = block.length() <= 40;
    block.picture().is_some()
        || (block.link_share() > 60 && block.length() <= 200)
        || (short && block.text.ends_with(':'))
        || (short && (tail::is_counter(&block.text) || block.text.contains(": ") && head::is_dated(&block.text)))
}

/// The by-line among the blocks below the body's own element.
pub(super) fn below(after: &[Block]) -> Option<String> {
    let lines = after.iter().filter(|block| block.picture().is_none() && !tail::is_counter(&block.text));
    lines
        .take_while(|block| !tail::is_stop(&block.text, &[]))
        .take(3)
        .find_map(|block| name_of(&block.text, block, End::Outside).flatten())
}

/// The by-line among the blocks between the title and the body: a label and a name.
pub(super) fn above(before: &[Block]) -> Option<String> {
    before.iter().filter(|block| block.length() <= 90).find_map(|block| credits::read(&block.text).flatten())
}

/// Whether a line is one of credits.
pub(super) fn is_credit(line: &str) -> bool {
    credits::read(line).is_some()
}

fn plain(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return text::one_line(html);
    }
    text::one_line(&dom_query::Document::fragment(html).text())
}

fn ends_sentence(block: &Block) -> bool {
    block.length() >= 60 && is_end_of_sentence(&block.text)
}

fn is_end_of_sentence(text: &str) -> bool {
    text.trim_end().ends_with(['.', '!', '?', '…', '"', '”', ':'])
}

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// At the very end of the body, below a whole paragraph.
    Whole,
    /// At the end of the body.
    Body,
    /// Below the body, where readers and buttons may have their names too.
    Outside,
}

/// The name in a line below the text; `Some(None)` is a label with nothing usable behind it.
#[expect(clippy::option_option, reason = "no label, and a label without a name, are different answers")]
fn name_of(line: &str, block: &Block, end: End) -> Option<Option<String>> {
    let line = line.trim().trim_matches(|c| matches!(c, '*' | '[' | ']' | '-' | '–' | '—' | '/' | ' '));
    // "(Theo TTXVN)", but not the end of "Lan Anh (tổng hợp)".
    let bracketed = line.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).map(str::trim);
    let line = bracketed.unwrap_or(line).trim_end_matches("./.").trim();
    let length = line.chars().count();
    if length == 0 || length > LONGEST || matches!(block.kind, Kind::Table | Kind::Heading(_) | Kind::Pre) {
        return None;
    }
    if let Some(found) = credits::read(line) {
        return Some(found);
    }
    let last = end == End::Whole;
    let linked = block.link_share() > 50 && !block.right;
    let words = line.split_whitespace().count();
    // "Thủy Châu" alone, set to the right, in bold or slanted: capitalised words and no full stop.
    let set_apart = block.right || block.italic || bracketed.is_some() || is_bold(block);
    if (set_apart || last)
        && !linked
        && (credits::is_name_and_office(line) || credits::is_office_alone(line) || credits::is_initials(line))
    {
        return Some(tidy(line));
    }
    // "Lan Anh - Văn Tú"
    let two = [" - ", " – ", ", ", "/", " và ", " and ", " & "].iter().any(|sign| {
        line.split_once(sign).is_some_and(|(one, other)| {
            [one, other].iter().all(|name| (2..=4).contains(&name.split_whitespace().count()))
        })
    });
    let bare = length <= 60 && !linked && credits::is_names(line, 6) && !line.chars().any(|c| c.is_ascii_digit());
    let signed =
        !linked && end != End::Outside && (people::are_persons(line) || (end == End::Whole && people::is_agency(line)));
    (signed || (bare && (set_apart || (last && ((2..=4).contains(&words) || (two && words <= 9)))))).then(|| tidy(line))
}

/// Whether all of a block is bold.
pub(super) fn is_bold(block: &Block) -> bool {
    if !block.html.contains("<b") && !block.html.contains("<strong") {
        return false;
    }
    let tree = dom_query::Document::fragment(block.html.as_str());
    let bold: usize =
        tree.select("b,strong").nodes().iter().map(|node| node.text().trim().chars().count()).max().unwrap_or(0);
    bold > 0 && bold * 10 >= block.length() * 9
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
            ("Tin-ảnh: Thủy Châu", "Thủy Châu"),
            ("Bài và ảnh: Nguyễn Văn An - Lê Bình", "Nguyễn Văn An - Lê Bình"),
            ("Tin: Lan Anh - Ảnh: Quốc Huy", "Lan Anh, Quốc Huy"),
            ("Bài: Lan Anh; ảnh: Quốc Huy", "Lan Anh, Quốc Huy"),
            ("Tin, ảnh: Lan Anh (Đài PT-TH)", "Lan Anh (Đài PT-TH)"),
            ("Tác giả: Trần Thị Hoa", "Trần Thị Hoa"),
            ("Theo TTXVN", "TTXVN"),
            ("(Theo Báo Nhân Dân)", "Báo Nhân Dân"),
            ("Theo Sở Tài chính", "Sở Tài chính"),
            ("Nguồn: Cổng thông tin điện tử Chính phủ", "Cổng thông tin điện tử Chính phủ"),
            ("Lan Anh (tổng hợp)", "Lan Anh"),
            ("Quốc Huy (thực hiện)", "Quốc Huy"),
            ("Thực hiện: Quốc Huy", "Quốc Huy"),
            ("Lan Anh (Theo Báo Tin tức)", "Lan Anh"),
            ("(TTXVN/Vietnam+)", "TTXVN/Vietnam+"),
            ("Tin, ảnh: Thủy Châu./.", "Thủy Châu"),
            ("PV", "PV"),
            ("Nhóm PV", "Nhóm PV"),
            ("Tin ảnh Lan Anh", "Lan Anh"),
            ("Bài và ảnh Lan Anh", "Lan Anh"),
            ("Tin&ảnh:Lan Anh", "Lan Anh"),
            ("Biên tập: Lan Anh", "Lan Anh"),
            ("Lan Anh tổng hợp", "Lan Anh"),
            ("Theo: baovietnam.example.vn", "baovietnam.example.vn"),
            ("Nguồn: baovietnam.example.vn", "baovietnam.example.vn"),
            ("PV - CTV", "PV - CTV"),
            ("Nhóm phóng viên", "Nhóm phóng viên"),
            ("Reporting by Jane Doe; editing by Lan Anh", "Jane Doe, Lan Anh"),
            ("By Jane Doe", "Jane Doe"),
            ("By Jane Doe in Hanoi", "Jane Doe"),
            ("Story and photos: Thuy Chau", "Thuy Chau"),
            ("Words and pictures by Thuy Chau", "Thuy Chau"),
            ("Text by Thuy Chau, photos by Lan Anh", "Thuy Chau, Lan Anh"),
            ("Reported by Thuy Chau", "Thuy Chau"),
            ("Tin, hình: Thủy Châu", "Thủy Châu"),
            ("TG: Thủy Châu", "Thủy Châu"),
            ("By Jane Doe, Staff Writer", "Jane Doe"),
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
            "PV: Xin cảm ơn ông!",
            "PV: Thưa ông, bao giờ thì xong?",
            "Ảnh hưởng của bão: mưa rất to.",
            "Tin tưởng Mùa Xuân",
            "Sở Tài chính và Sở Y tế cùng dự.",
            "Video và ảnh đẹp của ngày hội",
        ] {
            assert_eq!(taken(&["Một câu dài của bài.", line]), (None, 2), "{line}");
        }
        // a label with an account behind it is removed and names nobody
        assert_eq!(taken(&["Một câu.", "Tác giả: admin"]), (None, 1));
    }

    #[test]
    fn a_name_alone_is_taken_below_a_whole_paragraph() {
        let text = "Sáng nay, hội nghị đã bàn việc mùa màng và giao thông nông thôn trong tỉnh.";
        assert_eq!(taken(&[text, "Thủy Châu"]), (Some("Thủy Châu".into()), 1));
        for name in ["Thủy Châu - Lan Anh", "H.T", "Văn phòng Sở Nội vụ", "Thủy Châu - Văn phòng Tỉnh ủy", "— Lan Anh"]
        {
            let bare = name.trim_start_matches(['—', ' ']);
            assert_eq!(taken(&[text, name]), (Some(bare.into()), 1), "{name}");
        }
        let mut whole = Block::paragraph(text);
        whole.html.push_str("<br>Thủy Châu");
        whole.text.push_str(" Thủy Châu");
        let (name, rest) = take(vec![Block::paragraph(text), whole]);
        assert_eq!((name.as_deref(), rest[1].text.as_str()), (Some("Thủy Châu"), text), "in the last paragraph");
        for name in ["Jane Doe and John Roe", "VNS", "Ha Thu Trang, Sung Thi May"] {
            assert_eq!(taken(&[text, name]), (Some(name.into()), 1), "{name}");
        }
        for line in ["Kết thúc.", "Thank You", "END", "Photo Credit: Picturesque"] {
            assert_eq!(taken(&[text, line]), (None, 2), "{line}");
        }
    }

    #[test]
    fn a_name_with_its_office_is_taken_where_it_is_set_apart() {
        let mut line = Block::paragraph("Hoàng Long - Văn phòng Tỉnh ủy");
        line.right = true;
        let (name, rest) = take(vec![Block::paragraph("Một câu dài của bài."), line]);
        assert_eq!((name.as_deref(), rest.len()), (Some("Hoàng Long - Văn phòng Tỉnh ủy"), 1));
    }

    #[test]
    fn files_and_counters_may_stand_below_it() {
        let text = "Sáng nay, hội nghị đã bàn việc mùa màng và giao thông nông thôn trong tỉnh.";
        for lines in
            [&["Attachments:"][..], &["Lượt xem: 312"], &["Cập nhật: 13/03/2024"], &["Tệp đính kèm:", "ke-hoach.docx"]]
        {
            let mut blocks: Vec<Block> =
                [text, "Tin, ảnh: Thủy Châu"].iter().map(|line| Block::paragraph(line)).collect();
            blocks.extend(lines.iter().map(|line| Block::paragraph(line)));
            if let Some(file) = blocks.iter_mut().find(|block| block.text.contains(".docx")) {
                file.linked = file.length();
            }
            let count = blocks.len();
            let (name, rest) = take(blocks);
            assert_eq!((name.as_deref(), rest.len()), (Some("Thủy Châu"), count - 1), "{lines:?}");
        }
    }

    #[test]
    fn the_writer_wins_over_the_source() {
        assert_eq!(taken(&["Một câu.", "Tin, ảnh: Thủy Châu", "Nguồn: TTXVN"]), (Some("Thủy Châu".into()), 1));
    }
}
