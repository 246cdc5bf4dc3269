//! Which address a picture really has: lazy loading and `srcset` resolved, placeholders, pixels and `data:`
//! known for what they are.

use url::Url;

/// Attributes in which pages keep the address of a picture that is loaded late, best first.
const LAZY: &[&str] =
    &["data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-image", "data-img"];

/// Words in the name of a picture that stands for none.
const PLACEHOLDERS: &[&str] = &[
    "placeholder",
    "blank.",
    "spacer",
    "1x1",
    "pixel.",
    "transparent.",
    "loading.",
    "lazy.",
    "no-image",
    "noimage",
    "no_image",
    "nophoto",
    "no-photo",
    "default-image",
    "grey.",
    "gray.",
];

/// The absolute http(s) address of an `img`, given its attributes; `None` for a placeholder, a tracking pixel
/// or an address nothing can be fetched from.
pub fn address(attribute: impl Fn(&str) -> Option<String>, base: &Url) -> Option<Url> {
    let small = |name: &str| attribute(name).and_then(|value| value.trim().parse::<u32>().ok()).is_some_and(|v| v < 3);
    if small("width") || small("height") {
        return None;
    }
    let plain = |name: &&str| attribute(name).and_then(|value| absolute(&value, base));
    let sets = || ["data-srcset", "srcset"].iter().find_map(|name| largest(&attribute(name)?, base));
    let lazy = LAZY.iter().find_map(plain);
    lazy.or_else(|| plain(&"src")).or_else(sets)
}

/// An http(s) address made absolute; `None` for `data:`, placeholders and what does not parse.
pub fn absolute(value: &str, base: &Url) -> Option<Url> {
    let value = value.trim();
    if value.is_empty() || value.starts_with('#') {
        return None;
    }
    let url = base.join(value).ok()?;
    let allowed = matches!(url.scheme(), "http" | "https");
    let name = url.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    (allowed && !PLACEHOLDERS.iter().any(|word| name.contains(word))).then_some(url)
}

/// The largest picture of a `srcset`, by width or density.
pub fn largest(srcset: &str, base: &Url) -> Option<Url> {
    let mut best: Option<(f64, Url)> = None;
    // Addresses may hold commas; a candidate ends at a comma followed by white space, or at the end.
    for candidate in srcset.split(", ").flat_map(|part| part.split(",\n")) {
        let mut words = candidate.split_whitespace();
        let Some(url) = words.next().and_then(|value| absolute(value.trim_end_matches(','), base)) else { continue };
        let size = words
            .next()
            .and_then(|size| size.trim_end_matches(',').trim_end_matches(['w', 'x']).parse().ok())
            .unwrap_or(1.0);
        if best.as_ref().is_none_or(|(largest, _)| size > *largest) {
            best = Some((size, url));
        }
    }
    best.map(|(_, url)| url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(attributes: &[(&str, &str)]) -> Option<String> {
        let base = "https://www.example.vn/tin/a.html".parse().unwrap();
        let find = |name: &str| attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        address(find, &base).map(String::from)
    }

    #[test]
    fn the_real_picture_is_found() {
        type Case<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>);
        let cases: &[Case<'_>] = &[
            (&[("src", " /a.jpg ")], Some("https://www.example.vn/a.jpg")),
            (&[("src", "data:image/gif;base64,R0"), ("data-src", "/b.jpg")], Some("https://www.example.vn/b.jpg")),
            (&[("src", "/blank.gif"), ("srcset", "/c.jpg 300w, /d.jpg 900w")], Some("https://www.example.vn/d.jpg")),
            (&[("src", "/pixel.jpg"), ("width", "1")], None),
            (&[("src", "data:image/png;base64,xx")], None),
            (&[("src", "javascript:alert(1)")], None),
            (&[("src", "file:///etc/passwd")], None),
            (&[], None),
        ];
        for (attributes, expected) in cases {
            assert_eq!(of(attributes).as_deref(), *expected, "{attributes:?}");
        }
    }
}
