//! `bantin preview`: every form, with no channel configured; nothing is sent, nothing is stored.

use crate::steady::{files, shipped};

#[tokio::test(flavor = "multi_thread")]
async fn every_form_is_shown_and_nothing_is_stored() {
    let mut bantin = shipped();
    let scratch = bantin.path("tmp");
    std::fs::create_dir(&scratch).expect("a folder");
    bantin.set("TMPDIR", &scratch.display().to_string());
    let forms = [
        ("rss", "<rss version=\"2.0\""),
        ("atom", "<feed"),
        ("json", "https://jsonfeed.org/version/1.1"),
        ("telegram", "<b>Khánh thành cầu Bến Trúc"),
        ("email", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
        ("digest", "Content-Type: multipart/alternative"),
    ];
    let before = files(&bantin.path(""));
    for (form, piece) in forms {
        let said = bantin.command(&["preview", "tin-tuc", "--as", form]).await;
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{form}: {said:?}");
        assert!(said.out.contains(piece), "{form}:\n{}", said.out);
    }
    assert!(files(&bantin.path("")) == before, "nothing was written");
    assert_eq!(std::fs::read_dir(&scratch).expect("a folder").count(), 0, "the scratch folder is gone");

    // Beside a database: it stays as it is, and the preview shows articles it knows already.
    assert_eq!(bantin.command(&["once"]).await.code, 0);
    let before = files(&bantin.path(""));
    let said = bantin.command(&["preview", "news", "--as", "telegram"]).await;
    assert!(said.code == 0 && said.out.contains("<b>"), "{said:?}");
    assert!(files(&bantin.path("")) == before, "the database is untouched");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_shown_whole() {
    let said = shipped().command(&["preview", "news", "--as", "email"]).await;
    let mail = mailparse::parse_mail(said.out.as_bytes()).expect("a mail");
    let parts: Vec<String> = mail.subparts.iter().map(|part| part.get_body().expect("text")).collect();
    assert_eq!(parts.len(), 2, "text and HTML");
    assert!(parts[0].contains("Cable-stayed bridge"), "{}", parts[0]);
    assert!(parts[1].contains("<html"), "{}", parts[1]);
}
