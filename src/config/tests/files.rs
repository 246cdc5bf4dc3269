//! A configuration of several files: what belongs together, and what is told of which file.

use std::path::Path;

use super::no_env;
use crate::config::load;

const HEAD: &str = "base_url = \"https://bantin.example.vn\"\nlanguage = \"vi\"\ntimezone = \"Asia/Ho_Chi_Minh\"\n";

fn section(slug: &str) -> String {
    format!("[section.{slug}]\nname = \"{slug}\"\nurl = \"https://a.example.vn/{slug}\"\n")
}

/// What is wrong with a folder of files, drawn, without the folder's name; or the slugs.
fn told(files: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sections.d")).unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let own = |text: String| text.replace(&format!("{}/", folder.path().display()), "");
    match load(&folder.path().join("config.toml"), &no_env) {
        Ok(config) => Ok(config.sections.keys().cloned().collect()),
        Err(errors) => Err(own(errors.to_string())),
    }
}

#[test]
fn sections_stand_in_files_of_their_own() {
    let main = format!("{HEAD}{}", section("tin"));
    let files = [
        ("config.toml", main.trim_end()),
        ("sections.d/b.toml", &section("news")),
        (
            "sections.d/a.toml",
            &format!("\u{feff}# Văn bản\n{}[section.van-ban.html]\nitem = \"li\"\n", section("van-ban")),
        ),
        ("sections.d/note.txt", "this is no TOML"),
        ("sections.d/.hidden.toml", "neither is this"),
    ];
    assert_eq!(told(&files).unwrap(), ["tin", "van-ban", "news"], "the main file's first, then by the files' names");
    let alone = [("config.toml", HEAD), ("sections.d/a.toml", &section("tin"))];
    assert_eq!(told(&alone).unwrap(), ["tin"], "the main file needs none");
}

#[test]
fn every_mistake_is_told_with_its_own_file() {
    let wrong = format!("{}schedule = \"99 * * * *\"\n", section("news"));
    let twice = format!("\n{}", section("tin"));
    let files = [
        ("config.toml", &*format!("{HEAD}{}", section("tin"))),
        ("sections.d/a.toml", &wrong),
        ("sections.d/b.toml", &twice),
        ("sections.d/c.toml", "language = \"en\"\n[email]\nfrom = \"a@b.vn\"\n"),
        ("sections.d/d.toml", "[section.x\nname = 5\n"),
    ];
    insta::assert_snapshot!(told(&files).unwrap_err());
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sections.d")).unwrap();
    std::fs::write(folder.path().join("config.toml"), format!("{HEAD}{}", section("tin"))).unwrap();
    std::fs::write(folder.path().join("sections.d/a.toml"), b"[section.x]\nname = \"\xff\"\n").unwrap();
    std::fs::create_dir(folder.path().join("sections.d/b.toml")).unwrap();
    let errors = load(&folder.path().join("config.toml"), &no_env).unwrap_err().to_string();
    assert!(errors.contains("sections.d/a.toml:2:9: the file is not UTF-8 from here on"), "{errors}");
    assert!(errors.contains("sections.d/b.toml cannot be read: it is a folder"), "{errors}");
}

#[test]
fn a_relative_path_starts_at_the_main_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sections.d")).unwrap();
    std::fs::write(folder.path().join("config.toml"), HEAD).unwrap();
    let text = section("tin").replace("https://a.example.vn/tin", "file:articles");
    std::fs::write(folder.path().join("sections.d/a.toml"), text).unwrap();
    let config = load(&folder.path().join("config.toml"), &no_env).unwrap();
    let path = config.sections["tin"].url.to_file_path().unwrap();
    assert_eq!(path, Path::new(folder.path()).join("articles"));
}
