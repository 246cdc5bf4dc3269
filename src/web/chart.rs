//! Small charts as SVG within the page: bars by a path, without scripts and without inline styles.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// Height of a chart of bars.
const HEIGHT: usize = 28;
/// Width of a bar and of the gap after it.
const BAR: (usize, usize) = (8, 2);

/// Bars side by side, for `<path d>` in a box of [`width`] × 28. A day with little still shows a little.
pub fn bars(values: &[i64]) -> String {
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let mut path = String::new();
    for (n, value) in values.iter().enumerate().filter(|(_, value)| **value > 0) {
        let height = ((value * HEIGHT as i64 + most / 2) / most).max(2);
        // Writing to a String does not fail.
        let _ = write!(path, "M{} {HEIGHT}v-{height}h{}v{height}z", n * (BAR.0 + BAR.1), BAR.0);
    }
    path
}

/// Width of the box of so many bars.
pub fn width(count: usize) -> usize {
    (count * (BAR.0 + BAR.1)).saturating_sub(BAR.1)
}

/// The path of a QR code and its side.
pub type Code = Option<Arc<(String, usize)>>;

/// QR codes that were drawn once; drawing one costs more than all the rest of a page.
#[derive(Debug, Default)]
pub struct Codes(Mutex<HashMap<String, Code>>);

impl Codes {
    /// The code of an address of ours (there are few: nobody else's text comes here).
    pub fn of(&self, text: &str) -> Code {
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(code) = drawn.get(text) {
            return code.clone();
        }
        let code = qr(text).map(Arc::new);
        drawn.insert(text.to_owned(), code.clone());
        code
    }
}

/// The path of a QR code, one unit a module within a border of four, and the box's side. `None` where the text is too
/// long for one.
fn qr(text: &str) -> Option<(String, usize)> {
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M).ok()?;
    let (side, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colors.chunks(side).enumerate() {
        let mut x = 0;
        while x < side {
            let run = row.iter().skip(x).take_while(|color| **color == qrcode::Color::Dark).count();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + 4, y + 4);
            }
            x += run.max(1);
        }
    }
    Some((path, side + 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_in_their_box() {
        assert_eq!(bars(&[0, 0]), "");
        assert_eq!(bars(&[1, 0, 2]), "M0 28v-14h8v14zM20 28v-28h8v28z");
        assert_eq!(bars(&[1, 1000]), "M0 28v-2h8v2zM10 28v-28h8v28z", "one is not none");
        assert_eq!((width(14), width(0)), (138, 0));
    }

    #[test]
    fn a_qr_code_reads_back() {
        let text = "https://bantin.example.vn/tin/feeds/tin-tuc.rss";
        let (path, side) = qr(text).unwrap();
        let mut dark = std::collections::HashSet::new();
        for run in path.split('M').filter(|run| !run.is_empty()) {
            let (at, rest) = run.split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let run: usize = rest.split('v').next().unwrap().parse().unwrap();
            dark.extend((x..x + run).map(|x| (x, y)));
        }
        let scale = 4;
        let paint = |x: usize, y: usize| if dark.contains(&(x / scale, y / scale)) { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * scale, side * scale, paint);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].decode().unwrap().1, text);
        assert!(qr(&"a".repeat(5000)).is_none());
    }
}
