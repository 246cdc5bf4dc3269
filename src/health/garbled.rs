//! Letters broken by a wrong encoding.

/// Whether a title shows the traces: replacement characters, UTF-8 read as a one-byte charset, or question marks
/// within words where letters stood.
pub fn is(title: &str) -> bool {
    if title.contains('\u{FFFD}') {
        return true;
    }
    let letters: Vec<char> = title.chars().collect();
    let pairs = letters.windows(2).filter(|pair| matches!(pair, [lead, next] if is_torn(*lead, *next))).count();
    let holes = letters
        .windows(3)
        .filter(|three| matches!(three, [a, '?', b] if a.is_alphabetic() && b.is_alphabetic() && b.is_lowercase()))
        .count();
    pairs >= 2 || holes >= 2
}

/// Two characters that are one letter of UTF-8 read byte by byte, as windows-1252 or Latin-1.
fn is_torn(lead: char, next: char) -> bool {
    let second = matches!(
        next,
        '\u{80}'
            ..='\u{BF}'
                | '€'
                | '‚'
                | 'ƒ'
                | '„'
                | '†'
                | '‡'
                | 'ˆ'
                | '‰'
                | 'Š'
                | '‹'
                | 'Œ'
                | 'Ž'
                | '‘'
                | '’'
                | '“'
                | '”'
                | '•'
                | '–'
                | '—'
                | '˜'
                | '™'
                | 'š'
                | '›'
                | 'œ'
                | 'ž'
                | 'Ÿ'
    );
    // The leading bytes of the letters of Vietnamese and other Latin scripts; quotes after a real "Ã" do not count.
    match lead {
        'á' => matches!(next, 'º' | '»'),
        'Ã' | 'Ä' | 'Å' | 'Æ' | 'Ê' | 'Ì' => {
            second && !matches!(next, '’' | '”' | '“' | '‘' | '–' | '—' | '\u{A0}' | '»')
        }
        'â' => next == '€',
        'Ð' | 'Ñ' => second && !matches!(next, '’' | '”' | '–' | '—' | '\u{A0}' | '»'),
        _ => false,
    }
}
