//! Why a page lists nothing: the selectors match nothing, the container is empty, a captcha, JavaScript.

use super::page::Page;
use super::rules::matcher;
use crate::article::text::folded;
use crate::config::HtmlRules;

/// Texts of pages that ask whether one is human, unaccented.
const CAPTCHA: &[&str] = &[
    "captcha",
    "just a moment",
    "attention required",
    "verify you are human",
    "are you a robot",
    "access denied",
    "checking your browser",
    "xac minh ban la nguoi",
    "ban khong phai la robot",
    "unusual traffic",
];

/// Texts by which a page says that it has nothing to list, unaccented.
const NOTHING: &[&str] = &[
    "khong co du lieu",
    "khong co bai viet",
    "khong co tin",
    "khong tim thay bai viet",
    "chua co bai viet",
    "chua co du lieu",
    "chua co tin",
    "du lieu dang duoc cap nhat",
    "dang cap nhat du lieu",
    "noi dung dang duoc cap nhat",
    "no articles",
    "no posts",
    "no news",
    "no results",
    "no items",
    "no entries",
    "nothing found",
    "there are no",
];

/// Bytes of the page's text in which it may say so.
const LOOKED_AT: usize = 64 * 1024;

/// One sentence: what is the matter and what to do.
pub fn reason(page: &Page<'_>, rules: Option<&HtmlRules>) -> String {
    let text = page.text();
    let length = text.chars().count();
    let title = page.dom.select_single("title").text();
    let said = folded(&format!("{title} {}", text.chars().take(2000).collect::<String>()));
    let widget =
        page.dom.select("#challenge-form, .g-recaptcha, .h-captcha, iframe[src*=captcha], #cf-wrapper").exists();
    if length < 3000 && (widget || CAPTCHA.iter().any(|word| said.contains(word))) {
        return "the site answered with a captcha or a refusal instead of the page; ask its operator to let bantin in"
            .to_owned();
    }
    let scripts = page.dom.select("script").length();
    let root = page.dom.select("#root, #app, #__next, #__nuxt, app-root, [ng-app]").exists();
    let asked = page.dom.select("noscript").iter().any(|node| folded(&node.text()).contains("javascript"));
    if length < 600 && scripts > 0 && (root || asked || length < 60) {
        return "the page is filled in by JavaScript, which is not run; look for the site's feed or API and use it as `url`".to_owned();
    }
    if length < 3000 && page.dom.select("input[type=password]").exists() {
        return "the site asks to log in before it shows the page; bantin reads what anybody can read".to_owned();
    }
    let start = folded(text.get(..text.floor_char_boundary(LOOKED_AT)).unwrap_or(&text));
    let nothing = NOTHING.iter().find(|word| start.contains(**word));
    match rules {
        Some(rules) => by_rules(page, rules),
        None if nothing.is_some() => format!(
            "the page is there and empty: it says so itself (\u{201c}{}\u{201d}, unaccented)",
            nothing.unwrap_or(&"")
        ),
        None => "no group of links looks like a list of articles; name the items with `[section.<slug>.html] item`"
            .to_owned(),
    }
}

/// Whether the container of the items is still there.
fn by_rules(page: &Page<'_>, rules: &HtmlRules) -> String {
    let (key, selector) = match (&rules.item, &rules.link) {
        (Some(item), _) => ("item", item.as_str()),
        (None, Some(link)) => ("link", link.as_str()),
        (None, None) => return "no selector is given".to_owned(),
    };
    if matches!(matcher(key, Some(selector)), Ok(Some(matcher)) if page.dom.select_matcher(&matcher).exists()) {
        return format!("`html.{key} = \"{selector}\"` matches, but no match holds a link; check `html.link`");
    }
    // `div.list > div.item`: is there a `div.list`? Of several selectors, one container is enough.
    let there = selector.split(',').find_map(|one| {
        let (before, _) = one.trim().rsplit_once([' ', '>', '+', '~'])?;
        let container = before.trim_end_matches([' ', '>', '+', '~']);
        let found =
            matches!(matcher(key, Some(container)), Ok(Some(matcher)) if page.dom.select_matcher(&matcher).exists());
        (!container.is_empty() && found).then_some(container)
    });
    match there {
        Some(container) => {
            format!("the container `{container}` is there and empty: the site lists nothing at the moment")
        }
        None => {
            format!(
                "`html.{key} = \"{selector}\"` matches nothing and its container is gone: the page was redesigned, or the \
                 selector is wrong; `bantin inspect section {}` without selectors shows what can be recognised",
                page.url
            )
        }
    }
}
