//! What a message looks like on the wire: its lines, and the dots among them.

/// A message for the wire: CRLF alone ends lines (a bare CR or LF lets one mail smuggle in another), dots at the
/// beginning of lines are doubled, and the final dot closes it (RFC 5321 §4.5.2).
pub fn dotted(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 50 + 8);
    let mut at_start = true;
    let mut bytes = message.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' | b'\n' => {
                if byte == b'\r' && bytes.peek() == Some(&b'\n') {
                    bytes.next();
                }
                out.extend_from_slice(b"\r\n");
                at_start = true;
            }
            _ => {
                if byte == b'.' && at_start {
                    out.push(b'.');
                }
                out.push(byte);
                at_start = false;
            }
        }
    }
    if !at_start {
        out.extend_from_slice(b"\r\n");
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
