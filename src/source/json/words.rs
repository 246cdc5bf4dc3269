//! What APIs call the fields of an article. Names are compared in lower case and without separators, so `published_at`,
//! `publishedAt` and `PublishedAt` are one.

use serde_json::{Map, Value};

/// The title.
pub const TITLE: &[&str] = &["title", "headline", "tieude", "tentin", "tenbaiviet", "subject", "name", "ten"];
/// The address.
pub const URL: &[&str] = &[
    "url",
    "link",
    "href",
    "permalink",
    "canonicalurl",
    "weburl",
    "shareurl",
    "fullurl",
    "pageurl",
    "detailurl",
    "encodedabsurl",
    "fileref",
    "path",
    "alias",
    "uri",
    "duongdan",
    "lienket",
];
/// When it was published.
pub const PUBLISHED: &[&str] = &[
    "publishedat",
    "published",
    "publishdate",
    "publisheddate",
    "publicationdate",
    "datepublished",
    "pubdate",
    "publishedon",
    "publishtime",
    "publishon",
    "firstpublishedat",
    "articlestartdate",
    "ngaydang",
    "ngaydangtin",
    "ngayxuatban",
    "ngaybanhanh",
    "postedat",
    "postdate",
    "releasedate",
    "dategmt",
    "date",
    "createdat",
    "created",
    "createddate",
    "datecreated",
    "ngaytao",
    "time",
    "timestamp",
];
/// When it was changed.
pub const UPDATED: &[&str] = &[
    "updatedat",
    "updated",
    "modifiedat",
    "modified",
    "datemodified",
    "lastmodified",
    "lastupdated",
    "modifiedgmt",
    "changed",
    "ngaycapnhat",
];
/// The lead.
pub const LEAD: &[&str] = &[
    "excerpt",
    "customexcerpt",
    "sapo",
    "lead",
    "tomtat",
    "summary",
    "description",
    "shortdescription",
    "mota",
    "intro",
    "abstract",
    "teaser",
    "trichyeu",
    "subtitle",
];
/// The whole text.
pub const BODY: &[&str] =
    &["contenthtml", "bodyhtml", "html", "articlebody", "content", "body", "noidung", "fulltext", "introtext"];
/// The picture.
pub const IMAGE: &[&str] = &[
    "image",
    "featureimage",
    "featuredimage",
    "coverimage",
    "cover",
    "mainimage",
    "imageurl",
    "thumbnail",
    "thumbnailurl",
    "thumb",
    "picture",
    "photo",
    "img",
    "ogimage",
    "anhdaidien",
    "hinhanh",
    "anh",
    "avatar",
];
/// Who wrote it.
pub const BYLINE: &[&str] = &["authors", "author", "primaryauthor", "byline", "tacgia", "creator", "writer"];
/// Tags and categories.
pub const TAGS: &[&str] = &["tags", "categories", "keywords", "topics", "category", "chuyenmuc"];

/// A name as it is compared.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The value of the first of `names` that an item has and that is not null.
pub fn field<'v>(item: &'v Value, names: &[&str]) -> Option<&'v Value> {
    let object = item.as_object()?;
    let inner = object.get("attributes").and_then(Value::as_object);
    inner.and_then(|inner| in_object(inner, names)).or_else(|| in_object(object, names))
}

fn in_object<'v>(object: &'v Map<String, Value>, names: &[&str]) -> Option<&'v Value> {
    let mut best: Option<(usize, &Value)> = None;
    for (name, value) in object.iter().take(200).filter(|(_, value)| !value.is_null()) {
        let name = folded(name);
        if let Some(rank) = names.iter().position(|known| *known == name)
            && best.is_none_or(|(other, _)| rank < other)
        {
            best = Some((rank, value));
        }
    }
    best.map(|(_, value)| value)
}

/// The text of a field: itself, or what an object or list holds under one of the usual names.
pub fn said(value: &Value) -> Option<String> {
    const INSIDE: &[&str] =
        &["rendered", "processed", "value", "text", "name", "title", "url", "src", "href", "alias", "sourceurl"];
    match value {
        Value::Object(object) => match in_object(object, INSIDE)? {
            Value::Object(_) | Value::Array(_) => None,
            inner => super::paths::plain(inner),
        },
        Value::Array(list) => list.first().filter(|first| !first.is_array()).and_then(said),
        other => super::paths::plain(other),
    }
}

/// All texts of a field: names of authors, tags.
pub fn all_said(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().filter(|value| !value.is_array()).filter_map(said).take(50).collect(),
        Value::String(text) => {
            text.split([',', ';']).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect()
        }
        other => said(other).into_iter().collect(),
    }
}
