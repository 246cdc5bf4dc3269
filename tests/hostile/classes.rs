//! Pages, feeds and files made after how pages are read: each once took seconds or hundreds of megabytes, by a rule
//! that looked through the page for each of its elements, or by a tree that takes a hundred times its text.

use std::fmt::Write as _;

use super::server::Answer;

const HTML: &str = "text/html; charset=utf-8";
const RSS: &str = "application/rss+xml";
const JSON: &str = "application/json";
const PARAGRAPH: &str = "Một đoạn văn bản bình thường của bài viết này, đủ dài để được đọc như một bài viết của báo.";

fn numbered(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut all, i| {
        all.push_str(&one(i));
        all
    })
}

fn page(body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Tin</title></head><body>{body}</body></html>"
    )
}

fn article(inside: &str) -> String {
    page(&format!(
        "<h1>Hội nghị bàn về mùa nước nổi năm nay</h1><article><p>{PARAGRAPH}</p>{inside}<p>{PARAGRAPH}</p></article>"
    ))
}

fn rss(items: &str) -> String {
    format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Tin</title>{items}</channel></rss>"
    )
}

/// Full-text entries.
fn full(count: usize, body: &str) -> String {
    rss(&numbered(count, |i| {
        format!(
            "<item><title>Bài {i}</title><link>http://a.vn/{i}</link><content:encoded><![CDATA[{body}]]></content:encoded></item>"
        )
    }))
}

/// A class: its name, what is answered, whether it is tried as an article too, whether the listing's own texts are read.
pub type Class = (&'static str, Answer, bool, bool);

/// All of them.
pub fn all(n: usize) -> Vec<Class> {
    let mega = 8_000_000 / n;
    let fill = |unit: &str| unit.repeat(mega / unit.len());
    let html =
        |name: &'static str, body: String| -> Class { (name, Answer::whole(HTML, body.into_bytes()), true, false) };
    let feed = |name: &'static str, kind: &str, body: String, texts: bool| -> Class {
        (name, Answer::whole(kind, body.into_bytes()), false, texts)
    };
    let text = |name: &'static str, kind: &str, body: String| -> Class {
        (name, Answer::whole(kind, body.into_bytes()), true, false)
    };
    let deep = |open: &str, close: &str, depth: usize, times: usize| {
        format!("{}x{}", open.repeat(depth), close.repeat(depth)).repeat(times / n)
    };
    let attributes = numbered(33, |i| format!(" a{i}"));
    let links = |address: &dyn Fn(usize) -> String, count: usize| {
        page(&numbered(count / n, |i| {
            format!("<h3><a href=\"{}\">Bài viết số {i} của bản tin hôm nay</a></h3>", address(i))
        }))
    };
    let ld = |data: &str| format!("<script type=\"application/ld+json\">{data}</script>");
    let state = |data: &str| format!("<script>window.__STATE__ = {data}</script>");
    vec![
        html("boxes five hundred deep, again and again", page(&deep("<div>", "</div>", 500, 71))),
        html("tables a hundred deep, again and again", page(&deep("<table><tr><td>", "</td></tr></table>", 100, 110))),
        html(
            "paragraphs below a hundred boxes",
            page(&format!("{}{}", "<div>".repeat(160), "<p>x</p>".repeat(35_000 / n))),
        ),
        html(
            "links below a hundred boxes",
            page(&format!("{}{}", "<div>".repeat(160), "<a href=/a.html>Bài viết mới</a>".repeat(35_000 / n))),
        ),
        html("fifty thousand pictures", article(&numbered(50_000 / n, |i| format!("<img src=/{i}.jpg alt=x>")))),
        html(
            "nine thousand pictures with captions",
            article(&numbered(9_000 / n, |i| format!("<p><img src=/{i}.jpg></p><p><em>Ảnh {i}: chú thích.</em></p>"))),
        ),
        html(
            "thirty thousand tags",
            article(&format!(
                "<div class=tags>{}</div>",
                numbered(30_000 / n, |i| format!("<a rel=tag href=\"/tag/{i}\">thẻ {i}</a>"))
            )),
        ),
        html(
            "thirty thousand files in one paragraph",
            article(&format!("<p>{}</p>", numbered(30_000 / n, |i| format!("<a href=\"/{i}.pdf\">Tải {i}</a> ")))),
        ),
        html(
            "labels without end",
            article(&format!("<p>{}</p>", "<b>Tác giả</b><i>Số ký hiệu</i>".repeat(15_000 / n))),
        ),
        html(
            "boxes of other articles",
            article(&numbered(12_000 / n, |i| {
                format!("<h4>Tin liên quan</h4><ul><li><a href=/r{i}>Bài viết khác số {i}</a></ul>")
            })),
        ),
        html("thirty short attributes on each tag", page(&format!("<p{attributes}>x</p>").repeat(35_000 / n))),
        html("a million attributes of an end tag", page(&format!("<p>x</p {}>", "a ".repeat(mega / 2)))),
        html(
            "twenty-five classes on each tag",
            page(&format!("<i class=\"{}\">x</i>", "abc ".repeat(25)).repeat(35_000 / n)),
        ),
        html("nothing but <", fill("<")),
        html("nothing but &", fill("&")),
        html("nothing but >", format!("<!-->{}", fill(">"))),
        html("nothing but quotes", page(&fill("\"'"))),
        html("é between every <", fill("é<")),
        html("spaces that do not break", article(&format!("<p>{}</p>", "\u{a0}".repeat(mega / 8)))),
        html("characters that become three", article(&format!("<p>{}</p>", "\u{1d160}".repeat(mega / 8)))),
        html("addresses of a thousand folders", links(&|i| format!("/{}{i}.html", "x/".repeat(3400)), 1100)),
        html("addresses of a thousand parameters", links(&|i| format!("/{i}?{}", "q=1&".repeat(1700)), 1100)),
        html("names of hosts in other letters", links(&|i| format!("http://{}{i}.vn/", "việt".repeat(50)), 7000)),
        html("JSON-LD of nothing but numbers", page(&ld(&format!("[{}0]", "0,".repeat(mega / 2 - 500))))),
        html("JSON-LD of empty lists", page(&ld(&format!("[{}0]", "[],".repeat(mega / 3 - 500))))),
        html("a state of empty objects", page(&state(&format!("[{}0]", "{\"a\":1},".repeat(mega / 8 - 500))))),
        html("states that each fit", page(&state(&format!("[{}0]", "{},".repeat(20_000))).repeat((40 / n).max(2)))),
        html("objects that are never closed", page(&state(&"{\"a\":".repeat(mega / 5 - 500)))),
        text("lines of one letter", "text/plain", fill("x\n")),
        text("paragraphs of one line", "text/plain", fill("Dòng này dài dòng này dài\n\n")),
        text("dates as text", "text/plain", fill("1/1/2026 1/1/2026\n\n")),
        text("stars", "text/markdown", fill("*_a ")),
        text("quotations in quotations", "text/markdown", format!("# x\n\n{}x", fill(">"))),
        text("links that are not closed", "text/markdown", format!("# x\n\n{}", fill("[a]("))),
        text(
            "references to one long address",
            "text/markdown",
            format!("[a]: /{}\n\n{}", "u".repeat(100_000 / n), fill("[a] ")),
        ),
        text("YAML that doubles", "text/markdown", yaml_bomb()),
        text("YAML without end", "text/markdown", format!("---\ntitle: x\na: [{}0]\n---\n{PARAGRAPH}", fill("0,"))),
        text("YAML a million deep", "text/markdown", format!("---\ntitle: x\na: {}\n---\n{PARAGRAPH}", fill("["))),
        feed("a million empty items", RSS, rss(&fill("<item/>")), false),
        feed(
            "a million bare ampersands",
            RSS,
            rss(&format!(
                "<item><title>x</title><link>http://a.vn/1</link><description>{}</description></item>",
                fill("& ")
            )),
            false,
        ),
        feed(
            "links without end",
            "application/atom+xml",
            format!(
                "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>x</id><title>x</title><entry><id>1</id><title>x</title>{}</entry></feed>",
                fill("<link href=\"x\"/>")
            ),
            false,
        ),
        feed(
            "a thousand dates made to be slow",
            RSS,
            rss(&format!(
                "<item><title>x</title><link>http://a.vn/1</link>{}</item>",
                format!("<pubDate>{}</pubDate>", "Thứ hai ngày 1 tháng 1 ".repeat(20)).repeat(9_000 / n)
            )),
            false,
        ),
        feed("texts of two thousand tags", RSS, full(1000 / n, &"<p>x".repeat(2000)), true),
        feed("texts of boxes in boxes", RSS, full(1000 / n, &"<div>".repeat(1500)), true),
        feed("long texts", RSS, full(1000 / n, &PARAGRAPH.repeat(60)), true),
        feed(
            "titles of kilobytes",
            RSS,
            rss(&numbered(1000 / n, |i| {
                format!("<item><title>{}{i}</title><link>http://a.vn/{i}</link></item>", "Bài viết ".repeat(650))
            })),
            true,
        ),
        feed(
            "JSON texts of two thousand tags",
            "application/feed+json",
            format!(
                "{{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"x\",\"items\":[{}]}}",
                numbered(1000 / n, |i| format!(
                    "{}{{\"id\":\"{i}\",\"url\":\"http://a.vn/{i}\",\"title\":\"x\",\"content_html\":\"{}\"}}",
                    if i > 0 { "," } else { "" },
                    "<p>x".repeat(1500)
                ))
            ),
            true,
        ),
        feed("JSON of empty objects", JSON, format!("[{}0]", fill("{\"a\":1},")), false),
        feed("JSON of nothing but numbers", JSON, format!("[{}0]", fill("0,")), false),
        feed(
            "JSON of many names",
            JSON,
            format!("{{{}\"z\":0}}", numbered(190_000 / n, |i| format!("\"k{i}\":0,"))),
            false,
        ),
        feed(
            "a sitemap of long addresses",
            "application/xml",
            sitemap(&numbered(1100 / n, |i| format!("<url><loc>http://a.vn/{}{i}</loc></url>", "x/".repeat(3500)))),
            false,
        ),
        feed("a sitemap of empty pages", "application/xml", sitemap(&fill("<url/>")), false),
    ]
}

fn sitemap(urls: &str) -> String {
    format!("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{urls}</urlset>")
}

/// Lists that hold nine of the one before.
fn yaml_bomb() -> String {
    let mut front = String::from("---\ntitle: x\na0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for level in 1..10 {
        let before = format!("*a{}", level - 1);
        let _ = writeln!(front, "a{level}: &a{level} [{}]", vec![before; 9].join(","));
    }
    format!("{front}---\n{PARAGRAPH}")
}
