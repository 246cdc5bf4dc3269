//! The sample configuration for nginx (`contrib/nginx.conf`), by Debian's nginx: the same bytes as bantin's under the
//! right types, and bantin behind it for everything that is no file.

use std::process::{Child, Command, Stdio};

use crate::harness::proof::Proof;
use crate::harness::{Bantin, Config, Database, Site, client, config, program, until};

/// nginx; ended with the test.
struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM, so that its workers go with it.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn serves_the_files() {
    let proof = Proof::new("nginx serves feeds from files by the sample configuration, bantin the rest");
    let Some(nginx) = program("nginx") else { return proof.skipped("nginx is not installed") };
    let site = Site::with("tin-tuc", 3).await;
    let settings = Config::new(&Database::sqlite()).section("tin-tuc", &site, "formerly = [\"cu\"]");
    let mut bantin = Bantin::new(&settings);
    bantin.start().await;
    bantin.feed_with("/feeds/all.json", "Bản tin số 0003").await;

    let port = config::free_port();
    let root = bantin.path("");
    let sample = include_str!("../../contrib/nginx.conf")
        .replace("listen 80;", &format!("listen 127.0.0.1:{port};"))
        .replace("127.0.0.1:8080", &bantin.url("").replace("http://", ""))
        .replace("/srv/bantin", root.to_str().expect("a path"));
    let scratch = tempfile::tempdir().expect("a folder");
    let own = |name: &str| scratch.path().join(name).display().to_string();
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let paths: Vec<String> = kinds.iter().map(|kind| format!("{kind}_temp_path {};\n", own(kind))).collect();
    let paths = paths.concat();
    // The folder of a test is its owner's alone.
    let user =
        if root.metadata().is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0) { "user root;\n" } else { "" };
    let whole = format!(
        "{user}daemon off;\npid {};\nerror_log {} info;\nevents {{}}\nhttp {{\naccess_log off;\n{paths}{sample}\n}}\n",
        own("pid"),
        own("log")
    );
    let file = own("nginx.conf");
    std::fs::write(&file, whole).expect("writing");
    let mut command = Command::new(nginx);
    command.args(["-c", &file, "-e", &own("log"), "-p"]).arg(scratch.path()).stderr(Stdio::null());
    let _nginx = Nginx(command.spawn().expect("nginx starts"));
    let client = client();
    let get = async |path: &str, headers: &[(&str, &str)]| {
        let mut request = client.get(format!("http://127.0.0.1:{port}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.ok()
    };
    let log = || std::fs::read_to_string(own("log")).unwrap_or_default();
    until(&format!("nginx: {}", log()), async || get("/livez", &[]).await).await;

    // From files: bantin may be away.
    let plain = [("accept-encoding", "identity")];
    let mut expected = Vec::new();
    for path in
        ["/feeds/tin-tuc.rss", "/feeds/tin-tuc.atom", "/feeds/tin-tuc.json", "/feeds/all.rss", "/feeds/all-vi.json"]
    {
        let own = bantin.get(path).await;
        let kind = own.headers()["content-type"].clone();
        expected.push((path, kind, own.bytes().await.expect("a body")));
    }
    for (path, status) in
        [("/feeds/cu.rss", 301), ("/feeds/manifest.json", 404), ("/feeds/none.rss", 404), ("/feeds.opml", 200)]
    {
        assert_eq!(get(path, &plain).await.expect("an answer").status(), status, "{path}");
    }
    let filtered = get("/feeds/tin-tuc.rss?limit=1", &plain).await.expect("an answer").text().await.expect("text");
    assert_eq!(filtered.matches("<item>").count(), 1);
    let hub = client.post(format!("http://127.0.0.1:{port}/websub")).body("x").send().await.expect("an answer");
    assert_eq!(hub.status(), 400, "the hub, by bantin");
    assert!(bantin.terminate().await.success());
    for (path, kind, bytes) in &expected {
        let answer = get(path, &plain).await.expect("an answer");
        assert_eq!((answer.status().as_u16(), &answer.headers()["content-type"]), (200, kind), "{path}");
        let cors = answer.headers().get("access-control-allow-origin").map(|value| value.to_str().expect("text"));
        assert_eq!(cors.unwrap_or_default(), if path.ends_with("json") { "*" } else { "" });
        assert!(answer.headers()["link"].to_str().expect("text").contains("/websub>; rel=\"hub\""));
        let etag = answer.headers()["etag"].to_str().expect("text").to_owned();
        assert_eq!(&answer.bytes().await.expect("a body"), bytes, "{path}: the same bytes");
        assert_eq!(get(path, &[("if-none-match", &etag)]).await.expect("an answer").status(), 304);
        // This client unpacks.
        assert_eq!(
            &get(path, &[("accept-encoding", "gzip")]).await.expect("an answer").bytes().await.expect("it"),
            bytes
        );
    }
    proof.ran(expected.len(), "feeds from files");
}
