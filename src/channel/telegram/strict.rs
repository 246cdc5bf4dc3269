//! For tests: Telegram's reading of HTML, written from its documentation without looking at [`super::html`].

/// UTF-16 units after parsing and the parsed text, or why Telegram would answer 400.
pub fn read(html: &str) -> Result<(usize, String), String> {
    let input: Vec<char> = html.chars().collect();
    let (mut at, mut text, mut stack) = (0, String::new(), Vec::<String>::new());
    while at < input.len() {
        match input[at] {
            '<' => {
                let end = input[at..].iter().position(|&c| c == '>').ok_or("unclosed tag")? + at;
                let tag: String = input[at + 1..end].iter().collect();
                if let Some(closing) = tag.strip_prefix('/') {
                    let open = stack.pop().ok_or("unexpected end tag")?;
                    if open != closing {
                        return Err(format!("expected </{open}>, found </{closing}>"));
                    }
                } else {
                    let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
                    let rest = &tag[name.len()..];
                    match name.as_str() {
                        "b" | "strong" | "i" | "em" | "u" | "ins" | "s" | "strike" | "del" | "code" | "pre"
                        | "blockquote" => assert_eq!(rest, "", "attributes in <{tag}>"),
                        "a" => {
                            let value = rest.strip_prefix(" href=\"").and_then(|r| r.strip_suffix('"'));
                            let value = value.ok_or_else(|| format!("no href in <{tag}>"))?;
                            if value.contains('"') || value.contains('<') || !value.starts_with("http") {
                                return Err(format!("bad href {value}"));
                            }
                        }
                        other => return Err(format!("unsupported start tag {other}")),
                    }
                    stack.push(name);
                }
                at = end + 1;
            }
            '&' => {
                let end = input[at..].iter().position(|&c| c == ';').ok_or("bare &")? + at;
                let name: String = input[at + 1..end].iter().collect();
                text.push(match name.as_str() {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "#39" => '\'',
                    other => return Err(format!("unexpected &{other};")),
                });
                at = end + 1;
            }
            '>' => return Err("bare >".to_owned()),
            c if c.is_control() && c != '\n' => return Err(format!("control character {c:?}")),
            c => {
                text.push(c);
                at += 1;
            }
        }
    }
    if !stack.is_empty() {
        return Err(format!("unclosed {stack:?}"));
    }
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err("message text is empty".to_owned());
    }
    Ok((text.encode_utf16().count(), text))
}
