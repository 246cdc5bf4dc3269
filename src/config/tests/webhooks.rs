//! `[webhook.NAME]`, and the sections that call it.

use secrecy::ExposeSecret as _;

use super::{SECTION, codes, read, with};
use crate::config::{Form, OnUncertain, load_str};

const HOOK: &str = "[webhook.a]\nurl = \"https://h.example.vn/x\"";

#[test]
fn a_webhook_in_two_lines() {
    let config =
        read(&with(&format!("{HOOK}\n[section.s]\nname = \"S\"\nurl = \"https://a.vn/\"\nwebhook = \"a\""))).unwrap();
    let hook = &config.webhooks[0];
    assert_eq!((hook.name.as_str(), hook.url.expose_secret()), ("a", "https://h.example.vn/x"));
    assert_eq!((&hook.form, hook.on_uncertain), (&Form::BuiltIn("generic".into()), OnUncertain::AtLeastOnce));
    let followers: Vec<_> = config.sections["s"].followers().map(|one| (one.channel, one.address)).collect();
    assert_eq!(followers, [("webhook", "a".to_owned())]);
}

#[test]
fn each_service_is_called_in_its_way() {
    let calls = |more: &str| {
        let hook = read(&with(&format!("{HOOK}\n{more}"))).unwrap().webhooks.remove(0);
        let call = |call: &crate::config::Call| format!("{} {}", call.method, call.rest);
        (call(&hook.post), hook.edit.as_ref().map(call), hook.delete.as_ref().map(call), hook.id)
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(calls("template = \"slack\""), ("POST ".into(), None, None, None));
    assert_eq!(
        calls("template = \"discord\""),
        ("POST ?wait=true".into(), some("PATCH /messages/{id}"), some("DELETE /messages/{id}"), some("id"))
    );
    assert_eq!(
        calls("id = \"a.b\"\npost = \"PUT {url}/{delivery}\"\nedit = \"PATCH {url}?id={id}\"\ndelete = \"off\""),
        ("PUT /{delivery}".into(), some("PATCH ?id={id}"), None, some("a.b"))
    );
}

#[test]
fn what_is_wrong_with_a_webhook_is_told() {
    for (line, code) in [
        ("template = \"slak\"", "E106"),
        ("template = \"no/such.json\"", "E107"),
        ("post = \"GET {url}\"", "E205"),
        ("post = \"POST https://elsewhere.example/\"", "E205"),
        ("post = \"POST {url}@elsewhere.example/\"", "E205"),
        ("post = \"POST {url}/{id}\"", "E205"),
        ("post = \"POST {url}/{other}\"", "E205"),
        ("edit = \"PATCH {url}/{id}\"", "E105"),
        ("accepted = \"ok\"", "E216"),
        ("rate = \"fast\"", "E209"),
        ("timeout = \"1h\"", "E206"),
        ("headers = { Host = \"x\" }", "E206"),
        ("headers = { \"a b\" = \"x\" }", "E206"),
        ("headers = { X-Bantin-Delivery = \"x\" }", "E206"),
        ("token = \"a\\nb\"", "E206"),
        ("secret = \"a\"\nsecret_file = \"b\"", "E305"),
        ("sekret = \"a\"", "E103"),
    ] {
        assert_eq!(codes(&with(&format!("{HOOK}\n{line}\n{SECTION}"))), [code], "{line}");
    }
    for (text, code) in [
        ("[webhook.a]\ntemplate = \"slack\"", "E105"),
        ("[webhook.a]\nurl = \"hooks.example.vn\"", "E205"),
        ("[webhook.a]\nurl = \"https://u:p@hooks.example.vn/\"", "E205"),
        ("[webhook.1]\nurl = \"https://h.example.vn/\"", "E213"),
        ("[webhook.\"a/b\"]\nurl = \"https://h.example.vn/\"", "E213"),
    ] {
        assert_eq!(codes(&with(&format!("{text}\n{SECTION}"))), [code], "{text}");
    }
    let section = "[section.s]\nname = \"S\"\nurl = \"https://a.vn/\"\nwebhook =";
    for (target, code) in
        [("\"b\"", "E106"), ("{ at = \"1h\" }", "E105"), ("{ name = \"a\", as = \"digest\" }", "E306"), ("7", "E104")]
    {
        assert_eq!(codes(&with(&format!("{HOOK}\n{section} {target}"))), [code], "{target}");
    }
}

#[test]
fn its_secrets_come_from_the_environment_too() {
    let env = |name: &str| match name {
        "BANTIN_WEBHOOK_PHONG_TIN_URL" => Some("https://h.example.vn/x".to_owned()),
        "BANTIN_WEBHOOK_PHONG_TIN_SECRET" => Some("s".to_owned()),
        "BANTIN_WEBHOOK_PHONG_TIN_TOKEN" => Some("t".to_owned()),
        _ => None,
    };
    let text = with("[webhook.phong-tin]\ntemplate = \"matrix\"");
    let config = load_str(&text, std::path::Path::new("/srv/config.toml"), &env).unwrap();
    let hook = &config.webhooks[0];
    assert_eq!(hook.secret.as_ref().unwrap().expose_secret(), "s");
    assert_eq!(hook.headers[0].1.expose_secret(), "Bearer t");
}
