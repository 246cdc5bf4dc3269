//! Telegram's HTML as we allow ourselves to send it: a small strict grammar, checked before every send, so that a
//! template an admin changed cannot produce a message that Telegram refuses. Hands on the text after the entities
//! are parsed, which is what Telegram counts (in UTF-16 units).

/// Most UTF-16 units of a message's text.
pub const TEXT_LIMIT: usize = 4096;
/// Most UTF-16 units of a caption.
pub const CAPTION_LIMIT: usize = 1024;
/// Telegram ignores entities after about a hundred.
pub const ENTITY_LIMIT: usize = 100;

const TAGS: &[&str] = &["b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote"];

/// A message as Telegram will read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The text without tags.
    pub text: String,
    /// How many entities (tags) it has.
    pub entities: usize,
}

impl Parsed {
    /// Length as Telegram counts it.
    pub fn units(&self) -> usize {
        units(&self.text)
    }
}

/// UTF-16 units of a text.
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Reads a message.
///
/// # Errors
/// What is wrong with it, in words, when it is not of our grammar or has no text.
pub fn parse(html: &str) -> Result<Parsed, String> {
    let mut text = String::with_capacity(html.len());
    let mut open: Vec<String> = Vec::new();
    let mut entities = 0;
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        if let Some(reference) = from.strip_prefix('&') {
            let (name, after) =
                reference.split_once(';').filter(|(n, _)| n.len() <= 8).ok_or("an & that is not escaped")?;
            text.push(character(name).ok_or_else(|| format!("&{name}; is no character that Telegram knows"))?);
            rest = after;
            continue;
        }
        let (tag, after) = from[1..].split_once('>').ok_or("a < that is not escaped")?;
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(name) {
                return Err(format!("</{name}> closes what is not open"));
            }
            entities += 1;
        } else {
            open.push(opening(tag)?);
        }
    }
    text.push_str(rest);
    if let Some(name) = open.pop() {
        return Err(format!("<{name}> is not closed"));
    }
    let text = text.trim().to_owned();
    if text.is_empty() { Err("no text".to_owned()) } else { Ok(Parsed { text, entities }) }
}

/// The name of an opening tag that is allowed.
fn opening(tag: &str) -> Result<String, String> {
    if TAGS.contains(&tag) {
        return Ok(tag.to_owned());
    }
    let address = tag.strip_prefix("a href=\"").and_then(|t| t.strip_suffix('"'));
    match address {
        Some(a) if !a.contains('"') && (a.starts_with("https://") || a.starts_with("http://")) => Ok("a".to_owned()),
        Some(_) => Err("a link that is not http or https".to_owned()),
        None => Err(format!("<{tag}> is no tag for a post")),
    }
}

/// The character of a reference without `&` and `;`.
fn character(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|&c| c != '\0')
        }
    }
}

/// At most `max` UTF-16 units of a plain text, cut at a word with "…"; whole where it fits. Cut before escaping.
pub fn cut(text: &str, max: usize) -> String {
    if units(text) <= max {
        return text.to_owned();
    }
    let mut left = max.saturating_sub(1);
    let fits = |c: &char| {
        let enough = c.len_utf16() <= left;
        left -= c.len_utf16().min(left);
        enough
    };
    let piece: String = text.chars().take_while(fits).collect();
    let end = piece.rfind(char::is_whitespace).filter(|&i| i * 2 > piece.len()).unwrap_or(piece.len());
    if max == 0 {
        return String::new();
    }
    format!("{}…", piece[..end].trim_end_matches([' ', ',', ';', ':', '-', '–']))
}

/// At most `max` UTF-16 units of a text, and the rest: divided between paragraphs where one ends in the second half,
/// else between words. Nothing but white space is lost in between.
pub fn split(text: &str, max: usize) -> (&str, &str) {
    let text = text.trim();
    let mut left = max;
    let end = text
        .char_indices()
        .find(|(_, c)| {
            let enough = c.len_utf16() > left;
            left = left.saturating_sub(c.len_utf16());
            enough
        })
        .map_or(text.len(), |(at, _)| at);
    if end == text.len() {
        return (text, "");
    }
    // A space that stands right behind divides too.
    let next = text[end..].chars().next().map_or(end, |c| if c.is_whitespace() { end + c.len_utf8() } else { end });
    let piece = &text[..next];
    let at = piece
        .rfind("\n\n")
        .filter(|&at| at * 2 > piece.len())
        .or_else(|| piece.rfind(char::is_whitespace))
        .filter(|&at| at > 0)
        .unwrap_or(end);
    let (before, after) = text.split_at(at);
    (before.trim_end(), after.trim_start())
}

/// Whether there is anything to see in a text: Telegram takes no message without.
pub fn is_visible(text: &str) -> bool {
    let unseen = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}')
    };
    !text.chars().all(unseen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_telegram_would_refuse_is_refused_here() {
        for bad in [
            "a < b",
            "a & b",
            "<b>a",
            "a</b>",
            "<b><i>a</b></i>",
            "<p>a</p>",
            "<a href=\"javascript:x\">a</a>",
            "<a href=x>a</a>",
            "<b onclick=\"x\">a</b>",
            "&nbsp;",
            " \n ",
            "<b></b>",
            "&#0;",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn length_is_counted_after_parsing_in_utf_16() {
        let parsed = parse("<b>Đảng &amp; 😀</b> <a href=\"https://e.vn/?a=1&amp;b=2\">e.vn</a>\n").unwrap();
        assert_eq!(parsed.text, "Đảng & 😀 e.vn");
        assert_eq!((parsed.units(), parsed.entities), (14, 2));
    }

    #[test]
    fn a_split_loses_no_word() {
        assert_eq!(split("một hai ba", 20), ("một hai ba", ""));
        assert_eq!(split("một hai ba", 7), ("một hai", "ba"));
        assert_eq!(split("một hai ba", 8), ("một hai", "ba"));
        assert_eq!(split("một hai\n\nba bốn năm", 13), ("một hai", "ba bốn năm"));
        assert_eq!(split("😀😀😀", 4), ("😀😀", "😀"));
        assert!(!is_visible(" \u{200b}\u{feff}\n") && is_visible("."));
    }

    #[test]
    fn a_cut_falls_at_a_word_and_never_inside_a_character() {
        assert_eq!(cut("một hai ba", 10), "một hai ba");
        assert_eq!(cut("một hai ba bốn", 10), "một hai…");
        assert_eq!(cut("😀😀😀", 4), "😀…");
        assert_eq!(cut("abc", 0), "");
    }
}
