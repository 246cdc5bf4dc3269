//! What single lines of a page are that stand around and between its sentences: labels of the site, requests to
//! subscribe, credits of pictures, counters. All comparisons are on folded text, so that accents, case and kinds
//! of quotes do not matter.

use super::super::blocks::{Block, Kind};
use super::vocabulary as words;
use crate::article::text;

/// Longest line, in characters, that any rule looks at, and that is taken for noise.
const LONGEST: usize = 700;
pub(super) const NOISE: usize = 420;

/// A block with its folded text.
pub(super) struct Line<'a> {
    pub block: &'a Block,
    pub folded: String,
}

impl<'a> Line<'a> {
    pub fn of(block: &'a Block) -> Self {
        // What is long is a sentence or a list; no rule looks at it.
        let short = block.length() <= LONGEST;
        Self { block, folded: if short { text::folded(&block.text) } else { String::new() } }
    }

    /// The line without the marks around it.
    pub fn bare(&self) -> &str {
        self.folded.trim_matches(|c: char| !c.is_alphanumeric())
    }

    pub fn starts(&self, beginnings: &[&str]) -> bool {
        beginnings.iter().any(|start| self.folded.starts_with(start))
    }

    pub fn holds(&self, pieces: &[&str]) -> bool {
        pieces.iter().any(|piece| self.folded.contains(piece))
    }

    fn is_paragraph(&self) -> bool {
        self.block.kind == Kind::Paragraph
    }

    /// Whether it is running text: a paragraph of some length that is not mostly links.
    pub fn is_prose(&self) -> bool {
        is_prose(self.block)
    }

    /// A label of the page or a request to its readers, which is no part of an article wherever it stands.
    pub fn is_noise(&self) -> bool {
        let length = self.block.length();
        if length > NOISE || matches!(self.block.kind, Kind::Table | Kind::Pre | Kind::Picture(_)) {
            return false;
        }
        let asks = |(pieces, longest): &(&[&str], usize)| {
            length <= *longest && pieces.iter().all(|piece| self.folded.contains(piece))
        };
        words::LABELS.contains(&self.bare())
            || self.is_counter()
            || (self.block.kind != Kind::List && words::REQUESTS.iter().any(asks))
    }

    /// "Image 1 of 5", "1 / 9".
    fn is_counter(&self) -> bool {
        let rest =
            ["image ", "photo ", "slide ", "anh ", "hinh "].iter().find_map(|word| self.bare().strip_prefix(word));
        let parts: Vec<&str> = rest.unwrap_or(self.bare()).split([' ', '/']).filter(|part| !part.is_empty()).collect();
        let number = |part: &str| part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
        match parts.as_slice() {
            [one, "of", all] => number(one) && number(all),
            [one, all] => self.folded.contains('/') && number(one) && number(all),
            _ => false,
        }
    }

    /// The credit of a picture, with or without its caption.
    pub fn is_credit(&self) -> bool {
        let length = self.block.length();
        if !self.is_paragraph() || length > 300 {
            return false;
        }
        let first = self.block.text.starts_with('©') || self.starts(words::CREDIT_STARTS);
        (length <= 160 && first)
            || self.holds(words::CREDIT_PIECES)
            || (length <= 250 && words::CREDIT_ENDS.iter().any(|end| self.folded.ends_with(end)))
    }

    /// What stands between the title and the text: who, when, how long to read, where in the site.
    pub fn is_front_matter(&self) -> bool {
        if matches!(self.block.kind, Kind::Table | Kind::Pre | Kind::Picture(_)) {
            return false;
        }
        let length = self.block.length();
        let path = [" > ", " » ", " › "].iter().any(|mark| self.block.text.contains(mark));
        // "By Jane Doe", not "By the end of the year …"
        let clause = self.folded.starts_with("by ")
            && !self.block.text.split_whitespace().nth(1).is_some_and(|word| word.starts_with(char::is_uppercase));
        (length <= 120 && !clause && self.starts(words::FRONT_STARTS))
            || (length <= 300 && self.holds(words::FRONT_PIECES))
            || (length <= 160 && self.block.link_share() > 50)
            || (length <= 80 && path)
            || (self.folded.starts_with("http") && !self.folded.contains(' '))
            || (length <= 8 && self.folded.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ')))
            || self.is_credit()
    }

    /// What stands below the text: sources, rights, where else the site can be followed.
    pub fn is_back_matter(&self) -> bool {
        if self.block.length() > 420 || matches!(self.block.kind, Kind::Table) {
            return false;
        }
        let address = self.block.length() <= 60 && self.folded.contains('@') && !self.folded.trim().contains(' ');
        self.block.text.starts_with('©')
            || self.starts(words::BACK_STARTS)
            || self.holds(words::BACK_PIECES)
            || (self.block.length() <= 120 && self.block.link_share() > 60)
            || address
            || self.is_credit()
    }

    /// "Jane Doe is a staff writer at …"
    pub fn is_about_author(&self) -> bool {
        let length = self.block.length();
        if !self.is_paragraph() || !(25..=700).contains(&length) {
            return false;
        }
        let start = |most: usize| {
            let end = self.folded.char_indices().nth(most).map_or(self.folded.len(), |(at, _)| at);
            self.folded.get(..end).unwrap_or_default()
        };
        let named = self.block.text.chars().next().is_some_and(char::is_uppercase);
        named
            && words::BIO_VERBS.iter().any(|verb| start(160).contains(verb))
            && words::BIO_ROLES.iter().any(|role| start(260).contains(role))
    }

    /// A line behind which only the site speaks, when it stands near the end.
    pub fn is_last_heading(&self) -> bool {
        let block = self.block;
        let heading = matches!(block.kind, Kind::Heading(_));
        if block.length() > 80 || !(heading || self.is_paragraph()) {
            return false;
        }
        let line = self.bare();
        let ends = block.text.trim_end();
        let sentence = ends.ends_with('?') || (!heading && ends.ends_with(['.', ',', ';']));
        let begins = |stop: &&str| {
            line.strip_prefix(*stop)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') || stop.ends_with(' ') || stop.len() >= 9)
        };
        !sentence && words::LAST_HEADINGS.iter().any(begins)
    }

    /// Short and without the end of a sentence: a name, an office, a label.
    pub fn is_scrap(&self) -> bool {
        self.is_paragraph()
            && self.block.length() <= 40
            && !self.block.text.trim_end().ends_with(['.', '!', '?', '…', '"', '”', ')'])
    }
}

/// Whether a block is running text.
pub(super) fn is_prose(block: &Block) -> bool {
    block.kind == Kind::Paragraph && block.length() >= 80 && block.link_share() < 50
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Block {
        Block::paragraph(text)
    }

    #[test]
    fn labels_requests_and_counters_are_noise_and_sentences_are_not() {
        for noise in [
            "Advertisement",
            "QUẢNG CÁO",
            "Show Caption",
            "Image 3 of 12",
            "1 / 9",
            "Sign up for our weekly newsletter.",
            "Get the latest news delivered to your inbox.",
            "Mời quý độc giả theo dõi kênh của chúng tôi.",
        ] {
            assert!(Line::of(&line(noise)).is_noise(), "{noise}");
        }
        for text in [
            "Ngày 8-7, Ban Tuyên giáo tổ chức hội nghị.",
            "The council voted 9 to 2 on the budget.",
            "2024",
            "Newsletters have come back as a form: writers like them, readers open them, and what was once thought to be \
             a relic of the nineties now pays rent, though subscribing to twenty of them is another matter.",
        ] {
            assert!(!Line::of(&line(text)).is_noise(), "{text}");
        }
    }

    #[test]
    fn credits_and_authors_are_known() {
        for credit in [
            "Photo: Jane Doe",
            "The bridge at dawn (Image: Jane Doe)",
            "A train in Huế. | Getty Images",
            "Ảnh: Lan Anh",
        ] {
            assert!(Line::of(&line(credit)).is_credit(), "{credit}");
        }
        assert!(!Line::of(&line("Getty Images was founded by two men who bought up archives.")).is_credit());
        assert!(Line::of(&line("Jane Doe is a staff writer who covers trains.")).is_about_author());
        assert!(!Line::of(&line("The bridge is a work of many hands.")).is_about_author());
    }
}
