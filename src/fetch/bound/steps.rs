//! The steps that reading one page may take. The bounding pass keeps parsers quick; what looks through their trees
//! afterwards is many rules, and a page can be made on which one of them looks through all of it for each of its
//! elements. So walks through a tree are counted ([`Walk`]), and the text that is gathered on them; where too many steps
//! were taken walks find nothing more, so that the reading comes to its end soon, and [`within`] tells that it was cut.

use std::cell::Cell;

use dom_query::NodeRef;

/// Most steps of one reading. The longest pages made by people take a twentieth of them.
const MAX_STEPS: u64 = 5_000_000;
/// Bytes of text that are gathered in one step.
const BYTES_A_STEP: u64 = 16;
/// Steps that a parser takes for a tag or a reference to a character.
const STEPS_A_TAG: u64 = 40;

thread_local! {
    /// What is left of the reading under way on this thread; outside of one nothing is counted.
    static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Does the work of one reading; whether it had to be cut short.
pub fn within<T>(work: impl FnOnce() -> T) -> (T, bool) {
    let outer = Outer(LEFT.replace(Some(MAX_STEPS)));
    let done = work();
    let left = LEFT.get();
    drop(outer);
    (done, left == Some(0))
}

/// What was under way before; it goes on also where the reading panicked.
struct Outer(Option<u64>);

impl Drop for Outer {
    fn drop(&mut self) {
        LEFT.set(self.0);
    }
}

/// Takes steps; false where there are none left.
pub fn take(steps: u64) -> bool {
    LEFT.with(|left| match left.get() {
        None => true,
        Some(0) => false,
        Some(some) => {
            left.set(Some(some.saturating_sub(steps)));
            true
        }
    })
}

/// Counts a piece of markup that is parsed by itself.
pub fn take_markup(html: &str) -> bool {
    take(
        1 + html.len() as u64 / BYTES_A_STEP
            + STEPS_A_TAG * html.bytes().filter(|b| matches!(b, b'<' | b'&')).count() as u64,
    )
}

/// Counts text that is gathered, looked through or made anew.
pub fn take_text(text: &str) -> bool {
    take(1 + text.len() as u64 / BYTES_A_STEP)
}

/// Walks whose steps are counted.
pub trait Walk<'a> {
    /// All nodes below, in the order of the page.
    fn below(&self) -> impl Iterator<Item = NodeRef<'a>>;
    /// The elements around it, from the inside out, at most so many.
    fn above(&self, most: Option<usize>) -> impl Iterator<Item = NodeRef<'a>>;
}

impl<'a> Walk<'a> for NodeRef<'a> {
    fn below(&self) -> impl Iterator<Item = NodeRef<'a>> {
        self.descendants_it().take_while(|_| take(1))
    }

    fn above(&self, most: Option<usize>) -> impl Iterator<Item = NodeRef<'a>> {
        self.ancestors_it(most).take_while(|_| take(1))
    }
}

#[cfg(test)]
mod tests {
    use dom_query::Document;

    use super::*;

    #[test]
    fn a_walk_ends_when_the_steps_are_used_up() {
        let page = Document::from("<p>x".repeat(1000));
        let root = page.root();
        assert_eq!(within(|| root.below().count()), (root.descendants_it().count(), false));
        let (walks, cut) = within(|| (0..1_000_000).take_while(|_| root.below().count() > 2000).count());
        assert!(cut && walks < 5000, "{walks}");
        assert!(root.below().count() > 2000, "nothing is counted outside");
        assert!(within(|| take_text(&"x".repeat(1 << 28))).1);
    }

    #[test]
    fn a_panic_of_one_reading_takes_nothing_from_the_next() {
        let _ = std::panic::catch_unwind(|| within(|| assert!(take(MAX_STEPS) && take(1), "on purpose")));
        let page = Document::from("<p>x");
        assert!(page.root().below().count() > 3, "nothing is counted outside");
    }
}
