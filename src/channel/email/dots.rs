//! What a message looks like on the wire: its lines, and the dots among them.

use memchr::memchr2;

/// A message for the wire: CRLF alone ends lines (a bare CR or LF lets one mail smuggle in another), dots at the
/// beginning of lines are doubled, and the final dot closes it (RFC 5321 §4.5.2).
pub fn dotted(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 50 + 8);
    let mut rest = message;
    while !rest.is_empty() {
        if rest.first() == Some(&b'.') {
            out.push(b'.');
        }
        // A whole line at a time: this passes over every byte of every mail.
        let end = memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
        rest = after.strip_prefix(b"\r\n").or_else(|| after.get(1..)).unwrap_or_default();
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_doubled_and_bare_line_ends_do_not_survive() {
        assert_eq!(dotted(b"a\r\n.\r\n..b\r\nc"), b"a\r\n..\r\n...b\r\nc\r\n.\r\n");
        assert_eq!(dotted(b"a\n.\nMAIL FROM:<x>\r.\r"), b"a\r\n..\r\nMAIL FROM:<x>\r\n..\r\n.\r\n");
        assert_eq!(dotted(b""), b".\r\n");
    }
}
