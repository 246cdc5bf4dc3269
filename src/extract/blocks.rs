//! The body as a row of blocks: whatever wraps the text of a page (paragraphs, `<div>`s, `<br><br>`, tables as
//! layout) becomes paragraphs, headings, lists, tables and pictures, which can be judged one by one.

mod build;

pub(super) use build::build;

use crate::article::{Picture, text};

/// One block of the body.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "what was seen of its element; each stands alone")]
pub(super) struct Block {
    pub kind: Kind,
    /// The content as HTML, not yet clean.
    pub html: String,
    /// The content on one line.
    pub text: String,
    /// Characters of `text` that are links.
    pub linked: usize,
    /// Stands in a quotation.
    pub quoted: bool,
    /// All of it is slanted.
    pub italic: bool,
    /// Its element is centred.
    pub centred: bool,
    /// Its element is set to the right, as names below an article are.
    pub right: bool,
    /// Its element is named a caption.
    pub caption: bool,
    /// The element it came from, so that a picture and its caption in one paragraph are known.
    pub home: usize,
}

/// What a block is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Paragraph,
    Heading(u8),
    List,
    Table,
    Pre,
    Picture(Picture),
}

impl Block {
    /// A paragraph of plain text.
    pub fn paragraph(text: &str) -> Self {
        Self::of(Kind::Paragraph, escape(text), text::one_line(text))
    }

    /// A block of a kind.
    pub fn of(kind: Kind, html: String, text: String) -> Self {
        Self {
            kind,
            html,
            text,
            linked: 0,
            quoted: false,
            italic: false,
            centred: false,
            right: false,
            caption: false,
            home: 0,
        }
    }

    /// How many characters it shows.
    pub fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// The share of it that is links, in per cent.
    pub fn link_share(&self) -> usize {
        (self.linked * 100).checked_div(self.length()).unwrap_or(0)
    }

    /// Whether it is a picture.
    pub fn picture(&self) -> Option<&Picture> {
        match &self.kind {
            Kind::Picture(picture) => Some(picture),
            _ => None,
        }
    }
}

/// Escapes text for HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The blocks as HTML for the cleaner.
pub(super) fn to_html(blocks: &[Block]) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    let mut quoted = false;
    for block in blocks {
        if block.quoted != quoted {
            out.push_str(if block.quoted { "<blockquote>" } else { "</blockquote>" });
            quoted = block.quoted;
        }
        match &block.kind {
            Kind::Paragraph => {
                out.push_str("<p>");
                out.push_str(&block.html);
                out.push_str("</p>");
            }
            Kind::Heading(level) => {
                let level = (*level).clamp(2, 4);
                let _ = write!(out, "<h{level}>{}</h{level}>", block.html);
            }
            Kind::List | Kind::Table | Kind::Pre => out.push_str(&block.html),
            Kind::Picture(picture) => {
                let _ = write!(out, "<figure><img src=\"{}\" alt=\"{}\"", escape(&picture.url), block.html);
                for (name, size) in [("width", picture.width), ("height", picture.height)] {
                    if let Some(size) = size {
                        let _ = write!(out, " {name}=\"{size}\"");
                    }
                }
                out.push('>');
                if let Some(caption) = &picture.caption {
                    let _ = write!(out, "<figcaption>{}</figcaption>", escape(caption));
                }
                out.push_str("</figure>");
            }
        }
        out.push('\n');
    }
    if quoted {
        out.push_str("</blockquote>");
    }
    out
}
