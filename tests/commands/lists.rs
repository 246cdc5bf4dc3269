//! Lists of subscribers: a mistake leaves nothing half done and is told with its line; what one wrote another reads.

use crate::harness::proof::Proof;
use crate::steady::{shipped, transcript};

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_row_is_told_and_nothing_is_half_done() {
    let bantin = shipped();
    let head = "address,sections,cadence,language,consent_at,consent_source,state\n";
    let good = "doc-gia@example.vn,tin-tuc kinh-te,daily,vi,2026-01-31,web form,\n\"b@example.vn\",news,,en,2026-01-31T09:00:00+07:00,\"paper, signed\",active\n";
    let bad = "\
        nobody,tin-tuc,daily,vi,2026-01-31,form,\n\
        a@example.vn,tin-tucc,daily,vi,2026-01-31,form,\n\
        a@example.vn,tin-tuc,hourly,vi,2026-01-31,form,\n\
        a@example.vn,tin-tuc,daily,fr,2026-01-31,form,\n\
        a@example.vn,tin-tuc,daily,vi,31/01/2026,form,\n\
        a@example.vn,tin-tuc,daily,vi,2999-01-31,form,\n\
        a@example.vn,tin-tuc,daily,vi,,form,\n\
        a@example.vn,tin-tuc,daily,vi,2026-01-31,,\n\
        a@example.vn,tin-tuc,daily\n\
        a@example.vn,tin-tuc,daily,vi,2026-01-31,form,gone\n";
    std::fs::write(bantin.path("bad.csv"), format!("{head}{good}{bad}")).expect("a list");
    std::fs::write(bantin.path("good.csv"), format!("\u{feff}{head}{good}")).expect("a list");
    std::fs::write(bantin.path("excel.csv"), "email;sections\nc@example.vn;tin-tuc\n").expect("a list");
    std::fs::write(bantin.path("odd.csv"), "address,colour\n").expect("a list");
    let mut all = String::new();
    for line in [
        "subscribers import none.csv",
        "subscribers import odd.csv",
        "subscribers import bad.csv",
        "subscribers list",
        "subscribers import good.csv --dry-run",
        "subscribers import good.csv",
        "subscribers import good.csv",
        "subscribers import excel.csv",
        "subscribers import excel.csv --consent-date 2026-01-31 --consent-source form --language en",
        "subscribers erase doc-gia@example.vn",
        "subscribers import bad.csv --skip-bad",
        "subscribers add doc-gia@example.vn --section tin-tuc",
        "subscribers remove b@example.vn",
        "subscribers import good.csv --json",
        "subscribers import bad.csv --json",
        "subscribers export",
    ] {
        all += &transcript(&bantin, &line.split(' ').collect::<Vec<_>>()).await;
        all.push('\n');
    }
    insta::assert_snapshot!("lists", all);

    // What is written is read: into another database the same people come, and who left stays away.
    let csv = bantin.command(&["subscribers", "export"]).await.out;
    let other = shipped();
    std::fs::write(other.path("all.csv"), &csv).expect("a list");
    assert_eq!(other.command(&["subscribers", "import", "all.csv"]).await.code, 0);
    let again = other.command(&["subscribers", "export"]).await.out;
    let known = |text: &str| {
        let mut rows: Vec<String> = text.lines().map(|row| row.rsplit_once(',').expect("cells").0.to_owned()).collect();
        rows.sort();
        rows
    };
    assert_eq!(known(&again), known(&csv));
    Proof::new("a list of subscribers is taken in whole or not at all").ran(16, "commands");
}

#[tokio::test(flavor = "multi_thread")]
async fn shells_editors_and_manuals_are_served() {
    let bantin = shipped();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = bantin.command(&["completions", shell]).await;
        assert!(said.code == 0 && said.out.contains("backfill") && said.err.is_empty(), "{shell}: {said:?}");
    }
    let said = bantin.command(&["man"]).await;
    assert!(said.code == 0 && said.out.contains(".TH") && said.out.contains("bantin"), "{said:?}");
    assert_eq!(bantin.command(&["man", "--dir", "man"]).await.code, 0);
    let pages = std::fs::read_dir(bantin.path("man")).expect("pages").count();
    assert!(pages > 40, "{pages}");
    let page = std::fs::read_to_string(bantin.path("man/bantin-subscribers-import.1")).expect("its page");
    assert!(page.contains("consent") && page.contains("Example"), "{page}");
    let said = bantin.command(&["schema"]).await;
    assert_eq!(said.code, 0);
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config.schema.json"));
    assert_eq!(committed.unwrap_or_default(), said.out, "bantin schema > config.schema.json brings it up to date");
}
