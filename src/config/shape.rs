//! What the types of [`super::raw`] take, learnt by reading into them: a deserializer that goes down one path of keys and
//! notes what is asked for at its end. So the schema is made by the very code that reads the file; no list is kept.

use std::cell::RefCell;
use std::fmt;

use serde::Deserialize as _;
use serde::de::value::{StrDeserializer, StringDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_spanned::de::{SpannedDeserializer, is_spanned};

use super::raw::Raw;

/// One step down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A key of a table.
    Key(&'static str),
    /// Whatever key of a table of the admin's own names.
    AnyKey,
    /// An entry of a list.
    Entry,
    /// A value that may be written in several shapes, written in this one.
    As(Shape),
}

/// A shape of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Text,
    Number,
    Bool,
    List,
    Table,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 5] = [Self::Text, Self::Number, Self::Bool, Self::List, Self::Table];
}

/// What is taken at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Text,
    /// A whole number, and whether it may be below zero.
    Number {
        signed: bool,
    },
    Bool,
    List,
    /// One of a few words.
    Words(&'static [&'static str]),
    /// A table with these keys.
    Table(&'static [&'static str]),
    /// A table with keys of the admin's own.
    Names,
    /// Several shapes: each has to be tried.
    Any,
}

/// What the configuration takes at the end of a path; `None` where the path leads nowhere.
pub fn taken(path: &[Step]) -> Option<Taken> {
    let seen = RefCell::new(None);
    let outcome = Raw::deserialize(Probe { path, seen: &seen });
    let noted = seen.into_inner();
    match (noted, outcome) {
        (Some(taken), _) => Some(taken),
        (None, Err(Fault::Unknown(keys))) => Some(Taken::Table(keys)),
        (None, Err(Fault::WrongType)) => None,
        // A shape that is the end of the path and was taken; a value that makes no sense was taken, too.
        (None, _) => match path.last() {
            Some(Step::As(Shape::Text)) => Some(Taken::Text),
            Some(Step::As(Shape::Number)) => Some(Taken::Number { signed: true }),
            Some(Step::As(Shape::Bool)) => Some(Taken::Bool),
            _ => None,
        },
    }
}

/// How reading ends.
#[derive(Debug)]
enum Fault {
    /// What was to be learnt is learnt.
    Done,
    WrongType,
    Unknown(&'static [&'static str]),
    Other,
}

impl fmt::Display for Fault {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{self:?}")
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Other
    }
    fn invalid_type(_: Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self::WrongType
    }
    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::Unknown(expected)
    }
}

#[derive(Clone, Copy)]
struct Probe<'a> {
    path: &'a [Step],
    seen: &'a RefCell<Option<Taken>>,
}

impl<'a> Probe<'a> {
    fn note(self, taken: Taken) -> Fault {
        *self.seen.borrow_mut() = Some(taken);
        Fault::Done
    }

    fn below(self) -> Self {
        Self { path: self.path.get(1..).unwrap_or_default(), seen: self.seen }
    }

    fn one(self, key: &'static str) -> One<'a> {
        One { key: Some(key), value: self.below() }
    }
}

impl IntoDeserializer<'_, Fault> for Probe<'_> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! scalars {
    ($($method:ident => $taken:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
            Err(self.note($taken))
        })*
    };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Fault;

    scalars! {
        deserialize_bool => Taken::Bool;
        deserialize_i8 => Taken::Number { signed: true };
        deserialize_i16 => Taken::Number { signed: true };
        deserialize_i32 => Taken::Number { signed: true };
        deserialize_i64 => Taken::Number { signed: true };
        deserialize_u8 => Taken::Number { signed: false };
        deserialize_u16 => Taken::Number { signed: false };
        deserialize_u32 => Taken::Number { signed: false };
        deserialize_u64 => Taken::Number { signed: false };
        deserialize_char => Taken::Text;
        deserialize_str => Taken::Text;
        deserialize_string => Taken::Text;
        deserialize_bytes => Taken::Text;
        deserialize_byte_buf => Taken::Text;
        deserialize_identifier => Taken::Text;
        deserialize_f32 => Taken::Number { signed: true };
        deserialize_f64 => Taken::Number { signed: true };
        deserialize_unit => Taken::Any;
        deserialize_ignored_any => Taken::Any;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Some(Step::As(shape)) = self.path.first() else { return Err(self.note(Taken::Any)) };
        match shape {
            Shape::Text => visitor.visit_str("x"),
            Shape::Number => visitor.visit_i64(1),
            Shape::Bool => visitor.visit_bool(true),
            Shape::List => visitor.visit_seq(Entries(Some(self.below()))),
            Shape::Table => match self.path.get(1) {
                Some(Step::Key(key)) => visitor.visit_map(self.below().one(key)),
                // No table has such a key: it says which it has.
                _ => visitor.visit_map(self.below().one("\0")),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Result<V::Value, Fault> {
        Err(self.note(Taken::Any))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.path.first() {
            Some(Step::Entry) => visitor.visit_seq(Entries(Some(self))),
            _ => Err(self.note(Taken::List)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.path.first() {
            Some(Step::AnyKey) => visitor.visit_map(self.one("x")),
            _ => Err(self.note(Taken::Names)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if is_spanned(name) {
            return visitor.visit_map(SpannedDeserializer::new(self, 0..0));
        }
        match self.path.first() {
            Some(Step::Key(key)) => visitor.visit_map(self.one(key)),
            _ => Err(self.note(Taken::Table(fields))),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Fault> {
        Err(self.note(Taken::Words(variants)))
    }
}

/// A table with one key.
struct One<'a> {
    key: Option<&'static str>,
    value: Probe<'a>,
}

impl<'de> MapAccess<'de> for One<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.key.take().map(|key| seed.deserialize(Name(key))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(self.value)
    }
}

/// A list with one entry; at the end of a path its asking is what was to be learnt.
struct Entries<'a>(Option<Probe<'a>>);

impl<'de> SeqAccess<'de> for Entries<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(probe) = self.0.take() else { return Ok(None) };
        match probe.path.first() {
            Some(Step::Entry) => seed.deserialize(probe.below()).map(Some),
            _ => Err(probe.note(Taken::List)),
        }
    }
}

/// A key, which may want to know its place.
#[derive(Clone, Copy)]
struct Name(&'static str);

impl IntoDeserializer<'_, Fault> for Name {
    type Deserializer = StringDeserializer<Fault>;
    fn into_deserializer(self) -> Self::Deserializer {
        StringDeserializer::new(self.0.to_owned())
    }
}

impl<'de> Deserializer<'de> for Name {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(self.0)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if is_spanned(name) {
            return visitor.visit_map(SpannedDeserializer::new(self, 0..0));
        }
        visitor.visit_str(self.0)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        fn access<'de, A: EnumAccess<'de, Error = Fault>>(access: A) -> A {
            access
        }
        visitor.visit_enum(access(StrDeserializer::new(self.0)))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_known_for_what_it_is() {
        use Step::{AnyKey, As, Entry, Key};
        let section = [Key("section"), AnyKey];
        let at = |more: &[Step]| taken(&[&section, more].concat());
        assert_eq!(taken(&[Key("base_url")]), Some(Taken::Text));
        assert_eq!(taken(&[Key("section")]), Some(Taken::Names));
        assert!(matches!(at(&[]), Some(Taken::Table(keys)) if keys.contains(&"telegram") && keys.contains(&"html")));
        assert!(matches!(at(&[Key("text")]), Some(Taken::Words(words)) if words.contains(&"full")));
        assert_eq!(at(&[Key("formerly")]), Some(Taken::List));
        assert_eq!(at(&[Key("formerly"), Entry]), Some(Taken::Text));
        assert_eq!(at(&[Key("own_site")]), Some(Taken::Bool));
        assert_eq!(at(&[Key("telegram")]), Some(Taken::Any));
        assert_eq!(at(&[Key("telegram"), As(Shape::Bool)]), None);
        assert_eq!(at(&[Key("telegram"), As(Shape::Number)]), Some(Taken::Number { signed: true }));
        assert_eq!(at(&[Key("telegram"), As(Shape::List)]), Some(Taken::List));
        assert_eq!(at(&[Key("telegram"), As(Shape::List), Entry]), Some(Taken::Any));
        let table = at(&[Key("telegram"), As(Shape::Table)]);
        assert!(matches!(table, Some(Taken::Table(keys)) if keys.contains(&"quiet")), "{table:?}");
        assert_eq!(at(&[Key("telegram"), As(Shape::Table), Key("silent")]), Some(Taken::Bool));
        assert_eq!(at(&[Key("html"), Key("remove"), As(Shape::Number)]), None);
        assert_eq!(taken(&[Key("feeds"), Key("items")]), Some(Taken::Number { signed: false }));
    }
}
