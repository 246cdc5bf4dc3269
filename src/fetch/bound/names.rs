//! Element names and what parsers do with each (WHATWG HTML §13.2).

/// An element's name as written; compared without case.
#[derive(Debug, Clone, Copy)]
pub struct Name<'a>(pub &'a str);

const VOID: &[&str] = &[
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img", "input", "keygen",
    "link", "meta", "param", "source", "track", "wbr",
];
/// Their content is text to the parser (outside SVG and `MathML`).
const RAW: &[&str] = &["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"];
const FORMATTING: &[&str] =
    &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
/// Start tags that end SVG and `MathML`, or that are read as HTML inside them.
const LEAVES_FOREIGN: &[&str] = &[
    "annotation-xml",
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "desc",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "font",
    "foreignobject",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "i",
    "img",
    "li",
    "listing",
    "menu",
    "meta",
    "mi",
    "mn",
    "mo",
    "ms",
    "mtext",
    "nobr",
    "ol",
    "p",
    "pre",
    "ruby",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "title",
    "tt",
    "u",
    "ul",
    "var",
];
/// Start tags that close an open paragraph.
const CLOSES_P: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "details",
    "dialog",
    "dd",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "li",
    "listing",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "search",
    "section",
    "summary",
    "table",
    "ul",
];
/// What an end tag or an implied end does not reach through.
const BARRIER: &[&str] = &[
    "applet", "button", "caption", "marquee", "object", "table", "td", "template", "th", "svg", "math", "select",
    "noscript",
];
const TABLE_PART: &[&str] = &["caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"];

impl<'a> Name<'a> {
    pub fn is(self, name: &str) -> bool {
        self.0.eq_ignore_ascii_case(name)
    }

    pub fn same(self, other: Name<'a>) -> bool {
        self.is(other.0)
    }

    fn among(self, names: &[&str]) -> bool {
        // The longest known name has 14 letters; the check keeps long names cheap.
        self.0.len() <= 14 && names.iter().any(|name| self.is(name))
    }

    pub fn is_void(self) -> bool {
        self.among(VOID)
    }

    pub fn is_raw(self) -> bool {
        self.among(RAW)
    }

    /// Of the raw ones, those whose text is shown.
    pub fn is_shown(self) -> bool {
        self.is("title") || self.is("textarea")
    }

    /// `<html>`, `<head>`, `<body>`: there is one of each, however often they are written.
    pub fn is_root(self) -> bool {
        self.among(&["html", "head", "body"])
    }

    /// Left out when a page is written anew: they change how all the rest is read.
    pub fn is_dropped(self) -> bool {
        self.among(&["frameset", "plaintext"])
    }

    pub fn is_foreign_root(self) -> bool {
        self.among(&["svg", "math"])
    }

    pub fn is_special_context(self) -> bool {
        self.among(&["svg", "math", "select", "template", "noscript"])
    }

    pub fn leaves_foreign(self) -> bool {
        self.among(LEAVES_FOREIGN)
    }

    pub fn closes_p(self) -> bool {
        self.among(CLOSES_P)
    }

    pub fn is_barrier(self) -> bool {
        self.among(BARRIER)
    }

    pub fn is_table_part(self) -> bool {
        self.among(TABLE_PART)
    }
}

/// Whether parsers repeat the element in the next paragraph when it was not closed.
pub fn is_formatting(name: Name<'_>) -> bool {
    name.among(FORMATTING)
}

/// Whether a script's text may hide its own end from a parser ("script data double escaped state").
pub fn hides_script(content: &str) -> bool {
    content.split_once("<!--").is_some_and(|(_, rest)| rest.to_ascii_lowercase().contains("<script"))
}
