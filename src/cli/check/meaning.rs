//! The second tier of `check`: what values mean together, and the templates, which stand in files of their own. Nothing
//! is asked of anybody.

use super::super::bulk;
use super::wrong::Wrong;
use crate::channel::webhook;
use crate::config::{Code, Config, Form};
use crate::templates::Templates;

/// Everything that is wrong with it.
pub(super) fn all(config: &Config) -> Vec<Wrong> {
    let mut wrong = bulk::faults(config);
    wrong.extend(proxy(config));
    wrong.extend(templates(config));
    wrong
}

/// bantin speaks no TLS: where its public address is https, something stands in front that does, and unless it is
/// trusted every reader comes from its address.
fn proxy(config: &Config) -> Option<Wrong> {
    if config.base_url.scheme() != "https" || !config.server.trusted_proxies.is_empty() {
        return None;
    }
    let message = "base_url is https, so a proxy stands in front of bantin; it is not among `trusted_proxies`, and what \
                   is allowed to one reader would be allowed to all of them together";
    let help = "name its address, like `trusted_proxies = [\"127.0.0.1\"]`, and let it set X-Forwarded-For";
    Some(Wrong::warning(Code::ProxyUnknown, "server.trusted_proxies", message, help).or("server.listen").or("base_url"))
}

fn templates(config: &Config) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for (file, fault) in Templates::faults(config.templates.as_deref()) {
        let help = "correct the file, or remove it: the built-in template takes its place";
        wrong.push(Wrong::error(Code::Template, "templates", format!("{}: {fault}", file.display()), help));
    }
    let Ok(templates) = Templates::load(config.templates.as_deref()).map(std::sync::Arc::new) else { return wrong };
    for section in config.sections.values() {
        for own in section.telegram.iter().filter_map(|chat| chat.style.template.as_ref()) {
            if !templates.has(&format!("telegram/{own}.html")) {
                let key = format!("section.{}.telegram", section.slug);
                let message = format!("there is no template telegram/{own}.html in the folder `templates`");
                let one = Wrong::error(
                    Code::Template,
                    &format!("{key}.template"),
                    message,
                    "put it there, or correct `template`",
                );
                wrong.push(one.or(&key).or("defaults.telegram"));
            }
        }
    }
    for (name, fault) in webhook::faults(config, &templates) {
        let own = config.webhooks.iter().find(|own| own.name == name);
        let help = match own.map(|own| &own.form) {
            Some(Form::File { .. }) => "correct the file; `bantin preview SECTION --as webhook` shows what it makes",
            _ => "take `template` away, or report this: it is one of bantin's own",
        };
        let key = format!("webhook.{name}.template");
        wrong.push(Wrong::error(Code::Template, &key, fault, help).or(&format!("webhook.{name}")));
    }
    wrong
}
