use proptest::prelude::*;

use super::*;
use crate::config::Section;
use crate::fetch::Validators;

fn listing(url: &str, media_type: &str, text: &str) -> Result<Listing, SourceError> {
    let document = Document {
        url: url.parse().unwrap(),
        media_type: media_type.to_owned(),
        charset: None,
        bytes: text.as_bytes().to_vec(),
        validators: Validators::default(),
        date: None,
        moved: false,
        room: crate::fetch::Room::default(),
    };
    let section = Section::for_tests("tin", url);
    crate::source::list(&document, Context { section: &section, now: "2026-11-22T10:00:00Z".parse().unwrap() })
}

const RSS: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Tin</title><link>https://tinh.vn/</link>
<item><title>Một &amp;amp; hai&nbsp;ba</title><link>
  https://tinh.vn/tin/mot-1.html
</link><guid isPermaLink="false">
   tin_1
 </guid><pubDate>Sat, 21 Nov 2026 22:40:00 +0700</pubDate><author>admin</author><category>Thời sự</category>
<description><![CDATA[<a href="x"><img src="../images/a.jpg"></a></br>Lời dẫn của tin.]]></description>
<content:encoded><![CDATA[<p>Toàn văn</p>]]></content:encoded></item>
<item><title>Hai</title><link>/tin/hai-2.html</link><pubDate>20/11/2026</pubDate>
<enclosure url="https://tinh.vn/small.jpg" type="image/jpeg" length="1"/>
<media:content url="https://tinh.vn/big.jpg" medium="image" type="image/jpeg" width="800"/></item>
<item><title>Không có liên kết</title></item>
</channel></rss>"#;

#[test]
fn a_feed_is_known_whatever_it_is_called() {
    for media_type in ["application/x-rss+xml", "text/rss+xml", "application/octet-stream", "text/plain", ""] {
        let listing = listing("https://tinh.vn/tin/rss", media_type, RSS).unwrap();
        assert_eq!((listing.kind, listing.candidates.len()), ("feed", 2), "{media_type}");
    }
}

#[test]
fn rss_becomes_candidates() {
    let listing = listing("https://tinh.vn/tin/rss", "text/xml", RSS).unwrap();
    let [one, two] = listing.candidates.as_slice() else { panic!("{listing:?}") };
    assert_eq!(one.url.as_str(), "https://tinh.vn/tin/mot-1.html");
    assert_eq!(one.title.as_deref(), Some("Một & hai ba"));
    assert_eq!(one.native_id.as_deref(), Some("tin_1"));
    assert_eq!(one.lead.as_deref(), Some("Lời dẫn của tin."));
    assert_eq!(one.body.as_deref(), Some("<p>Toàn văn</p>"));
    assert_eq!(one.image.as_ref().map(url::Url::as_str), Some("https://tinh.vn/images/a.jpg"));
    assert_eq!(one.published.as_ref().unwrap().at.to_text(), "2026-11-21T22:40:00+07:00");
    assert_eq!((one.byline.as_deref(), one.tags.as_slice()), (None, ["Thời sự".to_owned()].as_slice()));
    assert_eq!(two.url.as_str(), "https://tinh.vn/tin/hai-2.html");
    assert_eq!(two.native_id, None, "a missing guid stays missing");
    assert_eq!(two.published.as_ref().unwrap().at.to_text(), "2026-11-20", "a day stays a day");
    assert_eq!(two.image.as_ref().map(url::Url::as_str), Some("https://tinh.vn/big.jpg"));
    assert!(listing.why.iter().any(|why| why.contains("no link")), "{:?}", listing.why);
}

#[test]
fn atom_and_json_become_candidates() {
    let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><id>x</id><updated>2026-11-21T00:00:00Z</updated>
      <entry><id>urn:1</id><title type="html">A &lt;b&gt;B&lt;/b&gt;</title><link rel="self" href="/self"/><link href="/a.html"/>
      <published>2026-11-20T08:00:00+07:00</published><updated>2026-11-21T08:00:00+07:00</updated>
      <author><name>Thủy Châu</name></author><summary>Tóm tắt</summary><content type="html">&lt;p&gt;x&lt;/p&gt;</content></entry></feed>"#;
    let found = listing("https://tinh.vn/atom", "application/xml", atom).unwrap().candidates.remove(0);
    assert_eq!(
        (found.url.path(), found.title.as_deref(), found.byline.as_deref()),
        ("/a.html", Some("A B"), Some("Thủy Châu"))
    );
    assert_eq!(found.published.unwrap().at.to_text(), "2026-11-20T08:00:00+07:00");
    assert_eq!(found.updated.unwrap().at.to_text(), "2026-11-21T08:00:00+07:00");
    assert_eq!(found.body.as_deref(), Some("<p>x</p>"));
    let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"1","url":"https://tinh.vn/a",
      "title":"A","content_html":"<p>x</p>","image":"https://tinh.vn/a.jpg","date_published":"2026-11-20T08:00:00+07:00"}]}"#;
    let found = listing("https://tinh.vn/feed.json", "application/json", json).unwrap();
    assert_eq!((found.kind, found.candidates.len()), ("feed", 1));
}

#[test]
fn a_broken_feed_is_repaired_or_told_with_its_place() {
    let ampersand = RSS.replace("Hai</title>", "Hai & ba \u{b}</title>");
    let repaired = listing("https://tinh.vn/tin/rss", "application/rss+xml", &ampersand).unwrap();
    assert_eq!(repaired.candidates.get(1).and_then(|c| c.title.as_deref()), Some("Hai & ba"));
    assert!(
        repaired.why.iter().any(|why| why.contains("repaired") && why.contains("line 11, column 18")),
        "{:?}",
        repaired.why
    );
    let version = RSS.replace("version=\"2.0\"", "version=\"0.94\"");
    assert_eq!(listing("https://tinh.vn/tin/rss", "application/rss+xml", &version).unwrap().candidates.len(), 2);
    let cut = RSS.split("</channel>").next().unwrap().replace("</item>", "");
    let told = listing("https://tinh.vn/tin/rss", "application/rss+xml", &cut);
    if let Err(error) = told {
        assert!(error.to_string().contains("line "), "{error}");
    }
}

#[test]
fn nukeviets_minutes_are_its_month_so_the_day_is_what_is_known() {
    let feed = |generator: &str, id: &str, date: &str| {
        let feed = format!(
            "<rss version=\"2.0\"><channel><title>T</title><generator>{generator}</generator><item><title>A</title>\
             <link>https://tinh.vn/a-1.html</link><guid isPermaLink=\"false\">{id}</guid><pubDate>{date}</pubDate></item></channel></rss>"
        );
        let found = listing("https://tinh.vn/rss/", "application/xml", &feed).unwrap().candidates.remove(0);
        found.published.unwrap()
    };
    // 14:35 of 8 July in Việt Nam, written with 7 for the minutes
    let by_name = feed("NukeViet v4.5", "a", "Mon, 08 Jul 2019 07:07:00 GMT");
    assert_eq!((by_name.at.to_text().as_str(), by_name.provenance.as_str()), ("2019-07-08", "feed (to the day)"));
    let by_guid = feed("x", "news_1076", "Mon, 08 Jul 2019 20:07:05 GMT");
    assert_eq!(by_guid.at.to_text(), "2019-07-09", "the day is that of the section's zone");
    // a version that writes minutes is believed
    assert_eq!(feed("NukeViet v5", "news_1", "Mon, 08 Jul 2019 07:35:00 GMT").at.to_text(), "2019-07-08T07:35:00Z");
    assert_eq!(feed("WordPress", "a", "Mon, 08 Jul 2019 07:07:00 GMT").at.to_text(), "2019-07-08T07:07:00Z");
}

#[test]
fn definitions_depth_and_attributes_are_refused() {
    let laughs = r#"<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss version="2.0"><channel><title>&b;</title></channel></rss>"#;
    let deep = format!("<rss version=\"2.0\"><channel>{}", "<x>".repeat(100_000));
    let attributes: Vec<String> = (0..100_000).map(|n| format!("xmlns:a{n}='x'")).collect();
    let attributes = format!("<rss version=\"2.0\" {}><channel/></rss>", attributes.join(" "));
    for (feed, word) in [(laughs, "document type"), (deep.as_str(), "deeper"), (attributes.as_str(), "attributes")] {
        let begin = crate::clock::cpu_time();
        let error = listing("https://tinh.vn/rss", "application/rss+xml", feed).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
        assert!(crate::clock::cpu_time().saturating_sub(begin).as_secs() < 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_feed_panics(text in ".{0,300}", at in 0usize..1200, kind in "(application/rss\\+xml|application/json|text/html)") {
        let _ = listing("https://tinh.vn/rss", &kind, &text);
        let mut broken: String = RSS.chars().take(at).collect();
        broken.push_str(&text);
        broken.extend(RSS.chars().skip(at));
        let _ = listing("https://tinh.vn/rss", &kind, &broken);
    }
}

#[test]
fn of_a_feed_without_end_the_first_entries_are_read() {
    let item = |n: usize| format!("<item><title>Tin {n}</title><link>/tin/{n}.html</link></item>");
    let feed = |items: &str| format!("<rss version=\"2.0\"><channel><title>x</title>{items}</channel></rss>");
    let many = feed(&(0..3000).map(item).collect::<Vec<_>>().concat());
    let listed = listing("https://tinh.vn/rss", "text/xml", &many).unwrap();
    assert_eq!(listed.candidates.len(), 1000);
    assert_eq!(listed.candidates[0].title.as_deref(), Some("Tin 0"));
    assert!(listed.why.iter().any(|why| why.contains("very many entries")), "{:?}", listed.why);
    let heavy = feed(&format!("{}{}", item(1), "<x/>".repeat(150_000)));
    assert_eq!(listing("https://tinh.vn/rss", "text/xml", &heavy).unwrap().candidates.len(), 1);
    let error = listing("https://tinh.vn/rss", "text/xml", &feed(&"<item/>".repeat(150_000))).unwrap_err();
    assert!(error.to_string().contains("before its first entry ends"), "{error}");
}

#[test]
fn the_texts_of_one_listing_are_no_more_than_two_long_pages() {
    let text = "<p>x".repeat(2000);
    let item = |n: usize| {
        let head = format!("<title>Tin {n}</title><link>/tin/{n}.html</link>");
        format!("<item>{head}<content:encoded><![CDATA[{text}]]></content:encoded></item>")
    };
    let items = (0..100).map(item).collect::<Vec<_>>().concat();
    let feed = format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>x</title>{items}</channel></rss>"
    );
    let listing = listing("https://tinh.vn/rss", "text/xml", &feed).unwrap();
    let with = listing.candidates.iter().filter(|candidate| candidate.body.is_some()).count();
    assert!(listing.candidates.len() == 100 && (20..60).contains(&with), "{with}");
    assert!(listing.why.iter().any(|why| why.contains("too large")), "{:?}", listing.why);
}
