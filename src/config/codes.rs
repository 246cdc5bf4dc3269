//! The codes of configuration errors: short, stable, and each with a sentence that holds for every case of it.

macro_rules! codes {
    ($($name:ident $text:literal $meaning:literal;)*) => {
        /// A code; the first digit says which look at the file found it: 1 its text, 2 one value, 3 values together,
        /// 4 a warning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// `E103`.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }
        }
    };
}

codes! {
    Syntax "E101" "The file is not valid TOML at this place.";
    Duplicate "E102" "A key or table is given twice; TOML allows it once.";
    UnknownKey "E103" "bantin knows no such key in this table.";
    WrongType "E104" "The key is known, but its value is of another kind.";
    MissingKey "E105" "A key that has no default is not given.";
    UnknownWord "E106" "The key takes one of a few words, and this is none of them.";
    Unreadable "E107" "The file, or a file it names, cannot be read.";
    Zone "E201" "Not the name of a time zone in the IANA database.";
    Schedule "E202" "Not a cron line or interval that ever fires.";
    Quiet "E203" "Not a part of the day.";
    Duration "E204" "Not a length of time.";
    Address "E205" "Not an address (URL) of the kind that is needed here.";
    Range "E206" "A number outside of what makes sense here.";
    Selector "E207" "Not a CSS selector.";
    Mailbox "E208" "Not an e-mail address.";
    Rate "E209" "Not a rate of sending.";
    Relay "E210" "Not the address of an SMTP relay.";
    Chat "E211" "Not a Telegram chat.";
    Listen "E212" "Not an address and port to listen on, or not an IP address.";
    Slug "E213" "Not usable as a slug, the part of an address that names a section.";
    Size "E214" "Not a number of bytes.";
    Filter "E215" "Not a keyword or regular expression.";
    JsonPath "E216" "Not a path into JSON, or not a template of an address.";
    Reserved "E301" "The slug is reserved for the feeds of all sections.";
    SlugTwice "E302" "Two sections claim the same slug, now or formerly.";
    Translation "E303" "The section named as the other language is not there, or not in another language.";
    SecretTwice "E305" "A secret is given in two ways at once.";
    DigestWithoutSlot "E306" "A digest needs to know when it is posted.";
    Misplaced "E307" "The key belongs to another table.";
    PlainHttp "W401" "Links in mails would be unencrypted.";
    NoToken "W402" "Posts are configured, but no bot to send them.";
    NoSection "W403" "No section is configured, so nothing will be read.";
    PlainLogin "W404" "A password may travel unencrypted.";
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn every_code_is_its_own() {
        let texts: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.text()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| code.meaning().ends_with('.')));
    }
}
