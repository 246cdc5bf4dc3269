//! Pages that cost parsers dearly.

use std::fmt::Write as _;

fn page(body: &str) -> Vec<u8> {
    format!("<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Tin</title></head><body>{body}<p>Hết.</p></body></html>").into_bytes()
}

fn headed(head: &str) -> Vec<u8> {
    format!(
        "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Tin</title>{head}</head><body><h1>Tin</h1>\
         <article><p>Một đoạn văn bản bình thường của bài viết này, đủ dài để được đọc như một bài viết.</p></article></body></html>"
    )
    .into_bytes()
}

/// `unit` again and again, up to so many bytes.
fn filled(unit: &str, bytes: usize) -> Vec<u8> {
    page(&unit.repeat(bytes / unit.len()))
}

fn numbered(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut all, i| {
        let _ = write!(all, "{}", one(i));
        all
    })
}

/// All of them.
pub fn all(n: usize, canary: &str) -> Vec<(&'static str, Vec<u8>)> {
    let half = 512 * 1024 / n;
    let mega = 4_000_000 / n;
    let nested_json = format!(
        "<script type=\"application/ld+json\">{}{}</script>",
        "{\"a\":[".repeat(100_000 / n),
        "]}".repeat(100_000 / n)
    );
    let many_json = format!(
        "<script type=\"application/ld+json\">{{\"@context\":\"https://schema.org\",\"@type\":\"ItemList\",\"itemListElement\":[{}]}}</script>",
        numbered(50_000 / n, |i| format!(
            "{}{{\"@type\":\"ListItem\",\"position\":{i},\"url\":\"/{i}.html\",\"name\":\"Bài viết số {i}\"}}",
            if i > 0 { "," } else { "" }
        ))
    );
    let article = |inside: &str| {
        page(&format!(
            "<h1>Bài viết</h1><article>{inside}<p>Một đoạn văn bản bình thường, đủ dài để được đọc.</p></article>"
        ))
    };
    let utf16: Vec<u8> = String::from_utf8_lossy(&page("<h1>Tin tức</h1><p>Nội dung.</p>"))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut mixed = page("<h1>Tin tức từ nhiều nguồn</h1>");
    mixed.extend(
        b"<p>\xcc\xc2\xd2 \xf0\xe0 caf\xe9 \xff\xfe \xed\xa0\x80 \xc0\xaf \xf4\x90\x80\x80</p>".repeat(20_000 / n),
    );
    vec![
        ("nested div", filled("<div>", half)),
        ("nested ul li", filled("<ul><li>", half)),
        ("nested tables", filled("<table><tr><td>", half)),
        ("nested unclosed p", filled("<p><span>", half)),
        ("nested blockquotes", filled("<blockquote>", half)),
        ("nested dl", filled("<dl><dt><dd>", half)),
        ("nested forms and buttons", filled("<form><button>", half)),
        ("nested select", filled("<select><option><optgroup>", half)),
        ("nested svg", filled("<svg><g>", half)),
        ("nested math", filled("<math><mrow>", half)),
        ("svg and HTML in turn", filled("<svg><foreignObject><div>", half)),
        ("nested templates", filled("<template>", half)),
        ("nested noscript", filled("<noscript><div>", half)),
        ("nested iframes", filled("<iframe>", half)),
        ("nested ruby", filled("<ruby><rt>", half)),
        ("nested objects", filled("<object><applet><marquee>", half)),
        ("nested headings", filled("<h1><h2>", half)),
        ("nested custom elements", filled("<x-a><x-b>", half)),
        ("unclosed formatting", filled("<b><i><font color=red><u>", half)),
        ("formatting in every paragraph", filled("<p><b><i>x", half)),
        ("different formatting", page(&numbered(20_000 / n, |i| format!("<font size={i}><p>x")))),
        ("unclosed links", filled("<a href=x>x", half)),
        ("links in paragraphs in links", filled("<a href=x><p></a>", half)),
        ("adoption agency", filled("<b><div></b>", half)),
        ("adoption agency, eight deep", filled("<b><i><u><s><em><code><big><tt><div></b></i></u></s>", half)),
        ("foster parenting", page(&format!("<table>{}", "<b>x<tr>y".repeat(half / 10)))),
        ("foster parenting of tables", page(&format!("<table>{}", "<a><table>".repeat(half / 10)))),
        ("end tags without start", filled("</div></p></b></br></table>", half)),
        ("misnested everything", filled("<b><p></b></p><i><table></i></table>", half)),
        ("a million attributes", page(&format!("<div {}>x</div>", numbered(1_000_000 / n, |i| format!("a{i}=1 "))))),
        ("the same attribute a million times", page(&format!("<div {}>x</div>", "class=x ".repeat(1_000_000 / n)))),
        ("an attribute of megabytes", page(&format!("<div class=\"{}\">x</div>", "a ".repeat(mega / 2)))),
        (
            "a hundred thousand classes",
            page(&format!(
                "<div class=\"{}\"><h3><a href=/1.html>Bài viết</a></h3></div>",
                numbered(100_000 / n, |i| format!("c{i} "))
            )),
        ),
        ("a name of megabytes", page(&format!("<{}>x", "x".repeat(mega)))),
        ("an unclosed attribute", page(&format!("<a href=\"{}", "x<p>".repeat(mega / 4)))),
        ("an unclosed comment", page(&format!("<!--{}", "<p>x--".repeat(mega / 6)))),
        ("a hundred thousand comments", filled("<!-- x -->", half * 2)),
        ("comments that close oddly", filled("<!--><!---><!--x--!>", half)),
        (
            "a hundred thousand links",
            page(&numbered(100_000 / n, |i| format!("<a href=\"/{i}.html\">Bài viết số {i} của bản tin</a> "))),
        ),
        (
            "twenty thousand cards",
            page(&numbered(20_000 / n, |i| {
                format!(
                    "<div class=item><h3><a href=\"/{i}.html\">Bài viết số {i} của bản tin</a></h3><span>{}/11/2026</span><p>Tóm tắt của bài viết.</p></div>",
                    i % 30 + 1
                )
            })),
        ),
        (
            "cards of different classes",
            page(&numbered(20_000 / n, |i| {
                format!(
                    "<div class=\"item c{i}\"><h3 id=t{i}><a href=\"/{i}.html\">Bài viết số {i} của bản tin</a></h3></div>"
                )
            })),
        ),
        ("a hundred thousand siblings", filled("<span>x</span>", mega / 2)),
        ("a hundred thousand paragraphs", filled("<p>Một đoạn văn.</p>", mega / 2)),
        ("a hundred thousand empty paragraphs", filled("<p></p>", mega / 2)),
        ("a hundred thousand headings", filled("<h1>Tin</h1>", mega / 2)),
        ("a million line breaks", filled("<br>", mega)),
        ("a text of megabytes", page(&format!("<h1>Tin</h1><p>{}</p>", "Tin tức mới. ".repeat(mega / 14)))),
        ("a word of megabytes", page(&format!("<h1>Tin</h1><p>{}</p>", "x".repeat(mega)))),
        (
            "a title of megabytes",
            headed(&format!("<title>{}</title><meta property=og:title content=\"{0}\">", "Tin ".repeat(mega / 8))),
        ),
        ("entities", filled("&amp;&lt;&nbsp;&aacute;", mega / 2)),
        ("broken entities", filled("&&#;&#x;&nosuch&#xD800;&#x110000;&#0;&#99999999999;", mega / 2)),
        ("a hundred thousand style sheets", filled("<style>a{}</style>", mega / 4)),
        ("a hundred thousand scripts", filled("<script>1</script>", mega / 4)),
        ("scripts that hide their end", filled("<script><!--<script>", half)),
        ("JSON-LD a hundred thousand deep", headed(&nested_json)),
        ("JSON-LD of fifty thousand items", headed(&many_json)),
        (
            "ten thousand JSON-LD",
            headed(
                &"<script type=\"application/ld+json\">{\"@type\":\"NewsArticle\",\"headline\":\"x\"}</script>"
                    .repeat(10_000 / n),
            ),
        ),
        (
            "JSON-LD of megabytes",
            headed(&format!(
                "<script type=\"application/ld+json\">{{\"@type\":\"NewsArticle\",\"headline\":\"{}\"}}</script>",
                "x".repeat(mega)
            )),
        ),
        (
            "a hundred thousand meta",
            headed(&numbered(100_000 / n, |i| format!("<meta property=\"og:image\" content=\"/{i}.png\">"))),
        ),
        ("microdata in microdata", filled("<div itemscope itemtype=\"https://schema.org/Article\" itemprop=x>", half)),
        (
            "a srcset of a hundred thousand",
            article(&format!("<img src=a.png srcset=\"{}\">", numbered(100_000 / n, |i| format!("/{i}.png {i}w, ")))),
        ),
        (
            "ten thousand pictures",
            article(&numbered(10_000 / n, |i| {
                format!("<figure><img src=\"/{i}.png\"><figcaption>Ảnh số {i}</figcaption></figure>")
            })),
        ),
        ("a data: picture of megabytes", article(&format!("<img src=\"data:image/png;base64,{}\">", "A".repeat(mega)))),
        ("a link of megabytes", article(&format!("<h3><a href=\"/{}\">Bài viết dài</a></h3>", "x".repeat(mega)))),
        ("a base of megabytes", headed(&format!("<base href=\"http://a.vn/{}\">", "x/".repeat(mega / 2)))),
        ("NUL everywhere", filled("<p>a\0b</p\0><a\0 href=\"\0\">x</a>", half)),
        ("UTF-16 without a mark", utf16),
        ("UTF-7", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4- ".repeat(10_000 / n)),
        ("mixed encodings", mixed),
        ("control characters and overrides", filled("<p>\u{202e}\u{feff}\u{1}\u{7f}\u{85}\u{2028}x</p>", half)),
        ("combining marks", page(&format!("<h1>a{0}</h1><p>e{0}</p>", "\u{301}\u{323}".repeat(mega / 8)))),
        (
            "dates made to be slow",
            article(&format!(
                "<div class=date>{}</div><time datetime=\"{0}\">x</time>",
                "Thứ hai, ngày 1 tháng 1 năm 1/1/1 1:1 ".repeat(10_000 / n)
            )),
        ),
        (
            "twenty thousand dates",
            page(&numbered(20_000 / n, |i| {
                format!("<span class=date>{}/{}/2026 {}:00</span>", i % 31, i % 13, i % 25)
            })),
        ),
        (
            "a by-line made to be slow",
            article(&format!("<p>Tin, ảnh: {}</p><p>Bài và ảnh: {0}</p>", "Nguyễn Văn A, ".repeat(20_000 / n))),
        ),
        ("spaces made to be slow", article(&format!("<p>{}x</p><h2>{0}</h2>", " \u{a0}\t".repeat(mega / 8)))),
        (
            "a table of a hundred thousand cells",
            page(&format!("<table>{}</table>", "<tr><td>x<td>y".repeat(50_000 / n))),
        ),
        (
            "colspans beyond all numbers",
            page(&format!("<table>{}</table>", "<tr><td colspan=999999999 rowspan=999999999>x".repeat(1000))),
        ),
        (
            "frames",
            format!("<html><frameset>{}<noframes>{}", "<frame src=x>".repeat(10_000 / n), "<p>x".repeat(10_000 / n))
                .into_bytes(),
        ),
        ("plaintext", page(&format!("<plaintext>{}", "<p>x".repeat(mega / 8)))),
        ("textarea and title never closed", page(&format!("<textarea>{}", "<p>x".repeat(mega / 8)))),
        ("bodies in bodies", filled("<html><body class=x><head><title>x</title>", half)),
        (
            "everything that loads",
            headed(&format!(
                "<script src=\"http://{canary}/a.js\"></script><link rel=stylesheet href=\"http://{canary}/a.css\"><meta http-equiv=refresh content=\"0;url=http://{canary}/\">\
             <link rel=preload href=\"http://{canary}/p\"><link rel=pingback href=\"http://{canary}/x\"><style>@import url(http://{canary}/i.css)</style>\
             <iframe src=\"http://{canary}/f\"></iframe><img src=\"http://{canary}/i.png\"><object data=\"http://{canary}/o\"></object>"
            )),
        ),
    ]
}
