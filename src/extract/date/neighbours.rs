//! The dates of one listing settle together which of two numbers is the month: `05/25/2019` in one item tells what
//! `07/08/2019` means in the next.

use super::pieces::{self, What};
use super::resolve::{DayFirst, Written};
use super::{Options, lex};
use crate::config::DateOrder;

/// The options under which the dates of one listing are read: the order that its own dates prove, where they agree.
pub fn settled<'a>(texts: impl IntoIterator<Item = &'a str>, options: &Options) -> Options {
    let mut proved: Option<DateOrder> = None;
    for order in texts.into_iter().filter_map(|text| proof(text, options)) {
        if proved.is_some_and(|before| before != order) {
            return options.clone();
        }
        proved = Some(order);
    }
    Options { order: proved.unwrap_or(options.order), ..options.clone() }
}

/// The only order in which the numbers of a text are a date.
fn proof(text: &str, options: &Options) -> Option<DateOrder> {
    let tokens = lex::tokens(&lex::plain(text));
    pieces::find(&tokens, options).iter().find_map(|piece| {
        let What::Date(date) = piece.what else { return None };
        match date.written {
            Written::Numbers { said: DayFirst::Yes, .. } | Written::Numbers { first: 13..=31, second: 1..=12, .. } => {
                Some(DateOrder::Dmy)
            }
            Written::Numbers { first: 1..=12, second: 13..=31, .. } => Some(DateOrder::Mdy),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::table::options;
    use super::*;
    use crate::article::Moment;
    use crate::extract::date::parse;

    #[test]
    fn one_item_settles_the_order_of_all() {
        let read = |texts: &[&str]| -> Vec<String> {
            let options = settled(texts.iter().copied(), &options());
            texts.iter().map(|text| parse(text, &options).map_or_else(|| "-".to_owned(), Moment::to_text)).collect()
        };
        assert_eq!(read(&["05/25/2019", "06/07/2019"]), ["2019-05-25", "2019-06-07"]);
        assert_eq!(read(&["25/05/2019", "06/07/2019"]), ["2019-05-25", "2019-07-06"]);
        assert_eq!(read(&["06/07/2019", "July 8, 2019"]), ["2019-07-06", "2019-07-08"]);
        // contradictions prove nothing
        assert_eq!(read(&["25/05/2019", "05/25/2019", "06/07/2019"])[2], "2019-07-06");
    }
}
