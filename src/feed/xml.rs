//! Writing XML into one buffer: every text and every attribute is escaped here, and nothing is built before it is
//! written. The texts are sanitised already (`sanitise`), so no character that XML forbids comes here.

/// A document in the making.
#[derive(Debug)]
pub(super) struct Xml(String);

impl Xml {
    /// A document that will have about so many bytes.
    pub fn about(bytes: usize) -> Self {
        let mut out = String::with_capacity(bytes);
        out.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        Self(out)
    }

    /// The bytes.
    pub fn done(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    /// `<name>`
    pub fn open(&mut self, name: &str) {
        self.start(name, &[]);
        self.0.push('>');
    }

    /// `<name a="…">`; attributes without a value are left out.
    pub fn open_with(&mut self, name: &str, attributes: &[(&str, Option<&str>)]) {
        self.start(name, attributes);
        self.0.push('>');
    }

    /// `<name a="…"/>`
    pub fn empty(&mut self, name: &str, attributes: &[(&str, Option<&str>)]) {
        self.start(name, attributes);
        self.0.push_str("/>");
    }

    /// `</name>`
    pub fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    /// `<name>text</name>` of an address, an id, a date.
    pub fn element(&mut self, name: &str, text: &str) {
        self.open(name);
        self.text(text);
        self.close(name);
    }

    /// `<name>words</name>` of plain text.
    pub fn words(&mut self, name: &str, words: &str) {
        self.words_with(name, &[], words);
    }

    /// `<name a="…">words</name>`. Ampersands and angles are told by their numbers: readers that take plain text for
    /// HTML, and there are many, leave those alone (RSS Best Practices Profile, "Character Data").
    pub fn words_with(&mut self, name: &str, attributes: &[(&str, Option<&str>)], words: &str) {
        self.open_with(name, attributes);
        replace_into(&mut self.0, words, |byte| match byte {
            b'&' => Some("&#x26;"),
            b'<' => Some("&#x3C;"),
            b'>' => Some("&#x3E;"),
            _ => None,
        });
        self.close(name);
    }

    /// Text, escaped. Quotation marks stay: HTML is full of them.
    pub fn text(&mut self, text: &str) {
        let mut from = 0;
        for at in memchr::memchr3_iter(b'&', b'<', b'>', text.as_bytes()) {
            self.0.push_str(text.get(from..at).unwrap_or_default());
            self.0.push_str(match text.as_bytes().get(at) {
                Some(b'&') => "&amp;",
                Some(b'<') => "&lt;",
                _ => "&gt;",
            });
            from = at + 1;
        }
        self.0.push_str(text.get(from..).unwrap_or_default());
    }

    /// `<name><![CDATA[words]]></name>` of plain text, for readers that take it for HTML: escaped once for them.
    pub fn words_as_html(&mut self, name: &str, words: &str) {
        self.open(name);
        self.0.push_str("<![CDATA[");
        escape_into(&mut self.0, words); // no end of the section is in it: it has no `>`
        self.0.push_str("]]>");
        self.close(name);
    }

    /// `<![CDATA[…]]>` of pieces that follow each other; its end within the text is split over two.
    pub fn cdata(&mut self, pieces: [&str; 2]) {
        const END: &str = "]]>";
        self.0.push_str("<![CDATA[");
        for piece in pieces {
            let mut from = 0;
            for at in memchr::memmem::find_iter(piece.as_bytes(), END) {
                self.0.push_str(piece.get(from..at).unwrap_or_default());
                self.0.push_str("]]]]><![CDATA[>");
                from = at + END.len();
            }
            self.0.push_str(piece.get(from..).unwrap_or_default());
        }
        self.0.push_str(END);
    }

    fn start(&mut self, name: &str, attributes: &[(&str, Option<&str>)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            let Some(value) = value else { continue };
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            escape_into(&mut self.0, value);
            self.0.push('"');
        }
    }
}

/// Adds text as XML and HTML take it, between tags and in double quotes.
pub(super) fn escape_into(out: &mut String, text: &str) {
    replace_into(out, text, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        _ => None,
    });
}

/// Adds text; what `name` has a name for, all of it ASCII, is written by that. What stands between is copied at once.
fn replace_into(out: &mut String, text: &str, name: impl Fn(u8) -> Option<&'static str>) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let Some(name) = name(byte) else { continue };
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(name);
        from = at + 1;
    }
    out.push_str(text.get(from..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_attributes_are_escaped_and_cdata_ends_where_it_should() {
        let mut xml = Xml::about(0);
        xml.open_with("a", &[("b", Some("\"1\" & <2>")), ("c", None)]);
        xml.text("Đảng & <b>]]>");
        xml.cdata(["x]]>y]]>", "]]]]>z"]);
        xml.empty("d", &[]);
        xml.close("a");
        let text = String::from_utf8(xml.done()).unwrap();
        let (_, body) = text.split_once('\n').unwrap();
        assert_eq!(
            body,
            "<a b=\"&quot;1&quot; &amp; &lt;2&gt;\">Đảng &amp; &lt;b&gt;]]&gt;<![CDATA[x]]]]><![CDATA[>y]]]]><![CDATA[>\
             ]]]]]]><![CDATA[>z]]><d/></a>"
        );
    }
}
