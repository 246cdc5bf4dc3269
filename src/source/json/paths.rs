//! Paths into JSON as the configuration writes them: names and positions with dots between, `data.posts.0.title`. A
//! list on the way is gone through, so `tags.name` is the names of all tags.

use serde_json::Value;

/// Every value a path leads to. An empty path is the value itself.
pub fn all<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut out = Vec::new();
    collect(value, path, &mut out);
    out
}

fn collect<'v>(value: &'v Value, path: &str, out: &mut Vec<&'v Value>) {
    if path.is_empty() {
        out.push(value);
        return;
    }
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match value {
        // A name may hold dots itself ("@odata.nextLink").
        Value::Object(object) if object.contains_key(path) => out.extend(object.get(path)),
        Value::Object(object) => {
            if let Some(inner) = object.get(first) {
                collect(inner, rest, out);
            }
        }
        Value::Array(list) => match first.parse::<usize>() {
            Ok(position) => list.get(position).into_iter().for_each(|inner| collect(inner, rest, out)),
            Err(_) => list.iter().for_each(|inner| collect(inner, path, out)),
        },
        _ => {}
    }
}

/// The first text or number a path leads to.
pub fn text(value: &Value, path: &str) -> Option<String> {
    all(value, path).into_iter().find_map(plain)
}

/// A text or number as text; nothing for the empty text.
pub fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A template with the values of an item in the places of `{path}`; nothing when one of them is not there.
pub fn fill(template: &str, item: &Value) -> Option<String> {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (path, after) = after.split_once('}')?;
        out.push_str(before);
        out.push_str(&text(item, path.trim())?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_through_names_positions_and_lists() {
        let value = json!({"data": {"posts": [{"t": "một", "id": 7}, {"t": "hai"}], "a.b": 1}, "tags": [{"name": "x"}, {"name": "y"}]});
        assert_eq!(text(&value, "data.posts.1.t").as_deref(), Some("hai"));
        assert_eq!(text(&value, "data.a.b").as_deref(), Some("1"));
        assert_eq!(all(&value, "tags.name").len(), 2);
        assert_eq!(text(&value, "data.none.t"), None);
        let first = &value["data"]["posts"][0];
        assert_eq!(fill("https://x.vn/{t}-{id}.html", first).as_deref(), Some("https://x.vn/một-7.html"));
        assert_eq!(fill("https://x.vn/{none}", first), None);
    }
}
