use proptest::prelude::*;

use super::*;

#[test]
fn relays_and_their_encryption() {
    let read = |text: &str| relay(text).map(|relay| (relay.host, relay.port, relay.tls, relay.user, relay.password));
    let plain = |host: &str, port, tls| Ok((host.to_owned(), port, tls, None, None));
    assert_eq!(read("smtp://127.0.0.1"), plain("127.0.0.1", 25, Tls::None));
    assert_eq!(read("smtp://[::1]:2525"), plain("::1", 2525, Tls::None));
    assert_eq!(read("smtp://mail.example.vn"), plain("mail.example.vn", 25, Tls::Opportunistic));
    assert_eq!(read("smtp://mail.example.vn:587"), plain("mail.example.vn", 587, Tls::Required));
    assert_eq!(read("smtp://mail.example.vn:587?tls=none"), plain("mail.example.vn", 587, Tls::None));
    assert_eq!(read("smtps://mail.example.vn/"), plain("mail.example.vn", 465, Tls::Implicit));
    assert_eq!(
        read("smtp://tin@example.vn:p%40ss+w%20rd@mail.example.vn"),
        Ok(("mail.example.vn".into(), 587, Tls::Required, Some("tin@example.vn".into()), Some("p@ss+w rd".into())))
    );
    for text in [
        "mail.example.vn",
        "http://x",
        "smtp://",
        "smtp:///x",
        "smtp://h/path",
        "smtp://h?x=1",
        "smtp://h?tls=yes",
        "smtps://h?tls=none",
        "smtp://h:99999",
        "",
    ] {
        assert!(relay(text).is_err(), "{text}");
    }
}

#[test]
fn rates() {
    let wanted = Rate { per_minute: Some(30), per_day: Some(2000), ..Rate::default() };
    assert_eq!(rate("30/m, 2000/d"), Ok(wanted));
    for text in ["", "30", "30/x", "0/m", "30/m,40/m", "-1/m", "30/m,"] {
        assert!(rate(text).is_err(), "{text}");
    }
}

#[test]
fn sources_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("bài viết")).unwrap();
    let base = Url::from_directory_path(folder.path()).unwrap();
    let read = |text: &str| source_address(text, folder.path()).map(|url| url.to_string());
    assert_eq!(read("file:x/index.html"), Ok(format!("{base}x/index.html")));
    assert_eq!(read("file:./x/../y.html"), Ok(format!("{base}y.html")));
    assert_eq!(read("file:bài viết"), Ok(format!("{base}b%C3%A0i%20vi%E1%BA%BFt/")), "a folder ends with a slash");
    assert_eq!(read("file:new/"), Ok(format!("{base}new/")));
    assert_eq!(read("file:///srv/x.xml"), Ok("file:///srv/x.xml".into()));
    assert_eq!(read("https://example.vn/tin"), Ok("https://example.vn/tin".into()));
    assert!(read("bài viết").unwrap_err().contains("write \"file:bài viết\""));
    assert!(read("www.example.vn/tin").unwrap_err().contains("https://www.example.vn/tin"));
    for text in ["", "file:", "ftp://x/", "file://host/x", "https://u:p@example.vn/", "gopher:x"] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn addresses_of_the_service() {
    assert_eq!(
        base_url("https://example.vn/bantin").map(|url| url.to_string()),
        Ok("https://example.vn/bantin/".into())
    );
    assert!(base_url("https://example.vn/?x").is_err() && base_url("example.vn").is_err());
    for text in ["127.0.0.1:8080", "[::]:80", "0.0.0.0:0", "localhost:8080", "bantin.internal:80"] {
        assert_eq!(listen(text), Ok(text.to_owned()));
    }
    assert!(listen(":8080").unwrap_err().contains("0.0.0.0:8080"));
    for text in ["8080", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", "1.2.3:80", "::1:80", "a b:80"] {
        assert!(listen(text).is_err(), "{text}");
    }
}

#[test]
fn senders_in_vietnamese() {
    let read = mailbox("Bản tin Ninh Thuận <tin@example.vn>").unwrap();
    assert_eq!((read.name.as_deref(), read.email.to_string().as_str()), (Some("Bản tin Ninh Thuận"), "tin@example.vn"));
    assert_eq!(mailbox("\"A, B\" <a@b.vn>").unwrap().name.as_deref(), Some("A, B"));
    assert_eq!(mailbox("a@b.vn").unwrap().name, None);
    for text in ["", "x", "X <a@b.vn", "X <a>", "<>"] {
        assert!(mailbox(text).is_err(), "{text}");
    }
}

#[test]
fn chats_and_slugs() {
    assert_eq!(chat("@example_tintuc"), Ok("@example_tintuc".into()));
    assert_eq!(chat("-1001234567890"), Ok("-1001234567890".into()));
    assert!(chat("https://t.me/tin").unwrap_err().contains("@tin"));
    for text in ["", "@", "@ab", "tin", "0", "@đặng"] {
        assert!(chat(text).is_err(), "{text}");
    }
    assert!(slug("tin-tuc").is_ok() && slug("2026").is_ok());
    assert!(slug("Tin tức - Sự kiện").unwrap_err().contains("\"tin-tuc-su-kien\""));
    for text in ["", "-x", "Tin", "tin_tuc", &"a".repeat(65)] {
        assert!(slug(text).is_err(), "{text}");
    }
}

#[test]
fn zones_sizes_selectors() {
    assert!(zone("Asia/Ho_Chi_Min").unwrap_err().contains("Asia/Ho_Chi_Minh"));
    assert_eq!(size("8 MiB"), Ok(8 * 1024 * 1024));
    assert!(size("8 bananas").is_err() && size("99999999999999 GiB").is_err());
    assert!(selector("div.news_column > h3 a").is_ok());
    for text in ["", "div..x", "a[", ":nope(", "> >", "{}"] {
        assert!(selector(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|([a-z:/@.?&=%<>\"\\[\\]0-9-]|smtp://|file:|https://|tls=){0,16}") {
        let folder = Path::new("/nonexistent");
        let _ = (zone(&text), web_address(&text), base_url(&text), source_address(&text, folder), listen(&text), ip(&text));
        let _ = (mailbox(&text), rate(&text), relay(&text), chat(&text), slug(&text), size(&text), selector(&text));
    }
}
