//! Feeds, sitemaps and JSON that cost parsers dearly.

use std::fmt::Write as _;

const RSS: &str = "application/rss+xml";
const JSON: &str = "application/feed+json";

fn rss(items: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Tin</title><link>http://a.vn/</link>\
         <description>x</description>{items}</channel></rss>"
    )
    .into_bytes()
}

fn item(inside: &str) -> String {
    format!("<item><title>Một bài viết</title><link>http://a.vn/1</link>{inside}</item>")
}

fn numbered(count: usize, mut one: impl FnMut(&mut String, usize)) -> String {
    let mut all = String::new();
    for number in 0..count {
        one(&mut all, number);
    }
    all
}

/// Entities that hold ten of the one before.
fn laughs() -> String {
    let mut dtd = String::from("<!ENTITY l0 \"ha\">");
    for level in 1..10 {
        let _ = write!(dtd, "<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10));
    }
    dtd
}

/// All of them, with their media types.
pub fn all(n: usize, canary: &str) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let mega = 4_000_000 / n;
    let laughing = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE rss [{}]><rss version=\"2.0\"><channel><title>&l9;</title><item><title>&l9;</title><link>http://a.vn/1</link></item></channel></rss>",
        laughs()
    );
    let external = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY x SYSTEM \"http://{canary}/x\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]>\
         <rss version=\"2.0\"><channel><title>&x;&f;</title><item><title>&x;</title><link>http://a.vn/1</link></item></channel></rss>"
    );
    let dtd = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE rss SYSTEM \"http://{canary}/rss.dtd\"><?xml-stylesheet href=\"http://{canary}/x.xsl\"?><rss version=\"2.0\"><channel><title>x</title>{}</channel></rss>",
        item("")
    );
    let include = format!(
        "<rss version=\"2.0\" xmlns:xi=\"http://www.w3.org/2001/XInclude\"><channel><title>x</title>{}</channel></rss>",
        item(&format!("<description><xi:include href=\"http://{canary}/\"/></description>"))
    );
    let namespaces = format!(
        "<rss version=\"2.0\" {}><channel><title>x</title>{}</channel></rss>",
        numbered(1_000_000 / n, |all, i| {
            let _ = write!(all, "xmlns:n{i}=\"u\" ");
        }),
        item("")
    );
    let deep = |name: &str, count: usize| {
        format!("{}x{}", format!("<{name}>").repeat(count), format!("</{name}>").repeat(count))
    };
    let atom = |inside: &str| {
        format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>x</title><id>x</id><updated>2026-11-22T10:00:00Z</updated><entry><title>Bài viết</title><id>1</id><link href=\"http://a.vn/1\"/>{inside}</entry></feed>").into_bytes()
    };
    let many = numbered(100_000 / n, |all, i| {
        let _ = write!(
            all,
            "<item><title>Bài viết số {i}</title><link>http://a.vn/{i}</link><pubDate>Sun, 22 Nov 2026 10:00:00 GMT</pubDate></item>"
        );
    });
    let urls = numbered(100_000 / n, |all, i| {
        let _ = write!(all, "<url><loc>http://a.vn/tin/{i}.html</loc><lastmod>2026-11-22</lastmod></url>");
    });
    let sitemap = |inside: &str| {
        format!(
            "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{inside}</urlset>"
        )
        .into_bytes()
    };
    let index = numbered(20_000 / n, |all, i| {
        let _ = write!(all, "<sitemap><loc>/sitemap-{i}.xml</loc></sitemap>");
    });
    let json = |items: &str| {
        format!("{{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"x\",\"items\":[{items}]}}").into_bytes()
    };
    let json_items = numbered(100_000 / n, |all, i| {
        let _ = write!(
            all,
            "{}{{\"id\":\"{i}\",\"url\":\"http://a.vn/{i}\",\"title\":\"Bài viết {i}\"}}",
            if i > 0 { "," } else { "" }
        );
    });
    vec![
        ("a billion laughs", RSS, laughing.clone().into_bytes()),
        ("external entities", RSS, external.into_bytes()),
        ("an external DTD", RSS, dtd.into_bytes()),
        ("an XInclude", RSS, include.into_bytes()),
        ("a million namespaces", RSS, namespaces.into_bytes()),
        ("an attribute of megabytes", RSS, rss(&item(&format!("<guid isPermaLink=\"{}\">1</guid>", "x".repeat(mega))))),
        ("a million attributes", RSS, rss(&item(&format!("<enclosure {}/>", numbered(1_000_000 / n, |all, i| { let _ = write!(all, "a{i}=\"\" "); }))))),
        ("the same attribute a million times", RSS, rss(&item(&format!("<enclosure {}/>", "url=\"x\" ".repeat(1_000_000 / n))))),
        ("elements a hundred thousand deep", RSS, rss(&item(&deep("a", 100_000 / n)))),
        ("items within items", RSS, rss(&deep("item", 100_000 / n))),
        ("a hundred thousand items", RSS, rss(&many)),
        ("a title of megabytes", RSS, rss(&item(&format!("<title>{}</title>", "tin ".repeat(mega / 4))))),
        ("a CDATA of megabytes", RSS, rss(&item(&format!("<description><![CDATA[{}]]></description>", "<div>".repeat(mega / 5))))),
        ("a hundred thousand CDATA", RSS, rss(&item(&format!("<description>{}</description>", "<![CDATA[x]]>".repeat(100_000 / n))))),
        ("escaped nesting", RSS, rss(&item(&format!("<description>{}</description>", "&lt;ul&gt;&lt;li&gt;".repeat(60_000 / n))))),
        ("a hundred thousand bare ampersands", RSS, rss(&item(&format!("<description>{}</description>", "a & b ".repeat(100_000 / n))))),
        ("unknown entities", RSS, rss(&item(&format!("<description>{}</description>", "&hellip;&nosuch;&#0;&#xD800;&#x110000;".repeat(30_000 / n))))),
        ("never closed", RSS, format!("<rss><channel>{}", "<item><title>x".repeat(100_000 / n)).into_bytes()),
        ("processing instructions", RSS, rss(&"<?x y?>".repeat(300_000 / n))),
        ("comments", RSS, rss(&"<!-- x -->".repeat(300_000 / n))),
        ("NUL and other illegal characters", RSS, rss(&item("<description>a\0b\u{1}c\u{ffff}d\u{b}e</description>"))),
        ("UTF-16 without a mark", RSS, String::from_utf8_lossy(&rss(&item(""))).encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("UTF-7", RSS, b"<?xml version=\"1.0\" encoding=\"utf-7\"?>+ADw-rss+AD4-+ADw-channel+AD4-".repeat(1000)),
        ("an encoding that is none", RSS, [b"<?xml version=\"1.0\" encoding=\"no-such\"?>".to_vec(), rss(&item(""))].concat()),
        ("a date of a megabyte", RSS, rss(&item(&format!("<pubDate>{}</pubDate>", "1/1/2026 10:00 ".repeat(mega / 64))))),
        ("dates made to be slow", RSS, rss(&format!("<item><title>Ngày</title><link>http://a.vn/1</link><pubDate>{}</pubDate></item>", "Thứ hai, ngày 1 tháng ".repeat(5_000 / n)).repeat(10))),
        ("XHTML content a hundred thousand deep", "application/atom+xml", atom(&format!("<content type=\"xhtml\">{}</content>", deep("div", 100_000 / n)))),
        ("a hundred thousand links", "application/atom+xml", atom(&"<link rel=\"alternate\" href=\"http://a.vn/x\"/>".repeat(100_000 / n))),
        ("xml:base of megabytes", "application/atom+xml", atom(&format!("<content xml:base=\"http://a.vn/{}\">x</content>", "x/".repeat(mega / 2)))),
        ("arrays a hundred thousand deep", JSON, json(&format!("{}{}", "[".repeat(100_000 / n), "]".repeat(100_000 / n)))),
        ("JSON never closed", JSON, format!("{{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":{}", "[{\"a\":".repeat(100_000 / n)).into_bytes()),
        ("a hundred thousand JSON items", JSON, json(&json_items)),
        ("JSON with lone surrogates", JSON, json("{\"id\":\"\\ud800\",\"url\":\"http://a.vn/1\",\"title\":\"\\udfff\\u0000x\"}")),
        ("numbers beyond all numbers", JSON, json(&format!("{{\"id\":{},\"url\":\"http://a.vn/1\",\"title\":\"x\"}}", "9".repeat(mega / 4)))),
        ("a sitemap that laughs", "application/xml", laughing.replace("rss", "urlset").into_bytes()),
        ("a sitemap of a hundred thousand pages", "application/xml", sitemap(&urls)),
        ("a sitemap a hundred thousand deep", "application/xml", sitemap(&deep("url", 100_000 / n))),
        ("a sitemap of sitemaps of itself", "application/xml", format!("<?xml version=\"1.0\"?><sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{index}</sitemapindex>").into_bytes()),
    ]
}
