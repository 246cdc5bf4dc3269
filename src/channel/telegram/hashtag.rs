//! The hashtag of a section: stable, of ASCII letters, digits and `_`, so that a tap finds all its posts.

use crate::article::text;
use crate::config::Section;

/// `#TinTuc_SuKien` for "Tin tức - Sự kiện": words run together with capitals, other signs become one `_`.
pub fn of(section: &Section) -> String {
    let name = camel(&section.name);
    let name = if name.is_empty() { camel(&section.slug.replace('-', " ")) } else { name };
    // A hashtag of digits alone is none, and one that begins with a digit is not one everywhere.
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("#_{name}") } else { format!("#{name}") }
}

fn camel(name: &str) -> String {
    let mut out = String::new();
    let (mut start, mut gap) = (true, false);
    for c in text::folded(name).chars() {
        if c.is_ascii_alphanumeric() {
            if gap && !out.is_empty() {
                out.push('_');
            }
            out.push(if start { c.to_ascii_uppercase() } else { c });
            (start, gap) = (false, false);
        } else {
            start = true;
            gap |= !c.is_whitespace();
        }
        if out.len() >= 64 {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_tags() {
        for (name, tag) in [
            ("Tin tức - Sự kiện", "#TinTuc_SuKien"),
            ("News", "#News"),
            ("Đảng bộ & Chính quyền", "#DangBo_ChinhQuyen"),
            ("24h qua", "#_24hQua"),
            ("---", "#TinTuc"),
            ("", "#TinTuc"),
        ] {
            let mut section = Section::for_tests("tin-tuc", "https://e.vn/");
            name.clone_into(&mut section.name);
            assert_eq!(of(&section), tag, "{name}");
        }
    }
}
