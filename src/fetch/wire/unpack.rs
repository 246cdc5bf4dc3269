//! Undoes the coding of a body a few kilobytes at a time: each of them can become a thousand times as many, or more,
//! and the reader of the body counts what comes out before it asks for more.

use std::fmt;
use std::io::{self, Write};

use axum::body::Bytes;
use brotli::enc::StandardAlloc;
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState};
use flate2::write::{GzDecoder, ZlibDecoder};

/// Most coded bytes that are decoded at a time.
const STEP: usize = 1024;
/// Most bytes that brotli makes at a time.
const PIECE: usize = 64 * 1024;

/// What undoes a coding.
pub enum Unpacker {
    /// Not coded: the piece that came.
    Plain(Bytes),
    /// Coded: what came and is not decoded yet.
    Coded(Box<dyn Decoder>, Bytes),
}

impl fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_plain() { "Plain" } else { "Coded" })
    }
}

/// Something that undoes a coding.
pub trait Decoder: Send {
    /// Decodes the beginning of what came, and takes it off; what came of it.
    fn decode(&mut self, coded: &mut Bytes) -> io::Result<Vec<u8>>;
    /// Whether there is more to come of what was taken.
    fn has_more(&self) -> bool {
        false
    }
    /// What is left at the end; a fault where that came too early.
    fn end(&mut self) -> io::Result<Vec<u8>>;
}

impl Unpacker {
    /// For the content coding of an answer. One that is not known is left as it is, for the caller to refuse.
    pub fn of(coding: Option<&str>) -> Self {
        let decoder: Box<dyn Decoder> = match coding {
            Some("gzip") => Box::new(GzDecoder::new(Vec::new())),
            Some("deflate") => Box::new(ZlibDecoder::new(Vec::new())),
            Some("br") => Box::new(Brotli::default()),
            _ => return Self::Plain(Bytes::new()),
        };
        Self::Coded(decoder, Bytes::new())
    }

    pub fn is_plain(&self) -> bool {
        matches!(self, Self::Plain(_))
    }

    /// Takes what came over the wire.
    pub fn feed(&mut self, data: Bytes) {
        match self {
            Self::Plain(left) | Self::Coded(_, left) => *left = data,
        }
    }

    /// The next decoded piece of what came; `None` when more has to come.
    pub fn next(&mut self) -> io::Result<Option<Bytes>> {
        match self {
            Self::Plain(left) => Ok(Some(std::mem::take(left)).filter(|data| !data.is_empty())),
            Self::Coded(decoder, left) => {
                while !left.is_empty() || decoder.has_more() {
                    let made = decoder.decode(left)?;
                    if !made.is_empty() {
                        return Ok(Some(made.into()));
                    }
                }
                Ok(None)
            }
        }
    }

    /// What is left at the end of the body.
    pub fn finish(&mut self) -> io::Result<Option<Bytes>> {
        let Self::Coded(decoder, _) = self else { return Ok(None) };
        let made = decoder.end()?;
        *self = Self::Plain(Bytes::new());
        Ok(Some(made.into()).filter(|made: &Bytes| !made.is_empty()))
    }
}

/// The decoders of gzip and deflate: what is written to them becomes at most a thousand times as much.
macro_rules! inflate {
    ($decoder:ty) => {
        impl Decoder for $decoder {
            fn decode(&mut self, coded: &mut Bytes) -> io::Result<Vec<u8>> {
                let step = coded.split_to(coded.len().min(STEP));
                // What stands behind the end is not taken.
                self.write_all(&step).map_err(|error| match error.kind() {
                    io::ErrorKind::WriteZero => io::Error::other("invalid gzip or deflate: it goes on behind its end"),
                    _ => error,
                })?;
                self.flush()?;
                Ok(std::mem::take(self.get_mut()))
            }

            fn end(&mut self) -> io::Result<Vec<u8>> {
                self.try_finish()?;
                Ok(std::mem::take(self.get_mut()))
            }
        }
    };
}

inflate!(GzDecoder<Vec<u8>>);
inflate!(ZlibDecoder<Vec<u8>>);

/// Brotli. A few bytes of it can become megabytes, so that what comes out is asked for piece by piece. Windows larger
/// than those of HTTP are refused: they take a gigabyte at once.
struct Brotli {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    has_more: bool,
    done: bool,
}

impl Default for Brotli {
    fn default() -> Self {
        let alloc = StandardAlloc::default;
        Self { state: Box::new(BrotliState::new_strict(alloc(), alloc(), alloc())), has_more: false, done: false }
    }
}

impl Decoder for Brotli {
    fn decode(&mut self, coded: &mut Bytes) -> io::Result<Vec<u8>> {
        if self.done {
            coded.clear();
            return Ok(Vec::new());
        }
        let mut made = vec![0; PIECE];
        let (mut coming, mut taken, mut room, mut filled, mut total) = (coded.len(), 0, PIECE, 0, 0);
        let result = BrotliDecompressStream(
            &mut coming,
            &mut taken,
            coded,
            &mut room,
            &mut filled,
            &mut made,
            &mut total,
            &mut self.state,
        );
        let _ = coded.split_to(taken);
        made.truncate(filled);
        self.has_more = matches!(result, BrotliResult::NeedsMoreOutput);
        self.done = matches!(result, BrotliResult::ResultSuccess);
        match result {
            BrotliResult::ResultFailure => Err(io::Error::other("invalid brotli")),
            _ => Ok(made),
        }
    }

    fn has_more(&self) -> bool {
        self.has_more
    }

    fn end(&mut self) -> io::Result<Vec<u8>> {
        if self.done { Ok(Vec::new()) } else { Err(io::Error::other("the brotli is cut off")) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn coded(coding: &str, plain: &[u8]) -> Vec<u8> {
        match coding {
            "gzip" => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(plain).unwrap();
                encoder.finish().unwrap()
            }
            "deflate" => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(plain).unwrap();
                encoder.finish().unwrap()
            }
            _ => {
                let mut out = Vec::new();
                brotli::CompressorReader::new(plain, 4096, 5, 22).read_to_end(&mut out).unwrap();
                out
            }
        }
    }

    fn decoded(coding: &str, coded: &[u8], at_a_time: usize) -> io::Result<(Vec<u8>, usize)> {
        let mut unpacker = Unpacker::of(Some(coding));
        let (mut out, mut largest) = (Vec::new(), 0);
        for piece in coded.chunks(at_a_time) {
            unpacker.feed(Bytes::copy_from_slice(piece));
            while let Some(made) = unpacker.next()? {
                largest = largest.max(made.len());
                out.extend_from_slice(&made);
            }
        }
        out.extend(unpacker.finish()?.unwrap_or_default());
        Ok((out, largest))
    }

    #[test]
    fn every_coding_comes_back_in_pieces_that_are_bounded() {
        let mut plain = "Tin tức mới của tỉnh. ".repeat(2000).into_bytes();
        plain.extend(vec![b' '; 20_000_000]);
        for coding in ["gzip", "deflate", "br"] {
            let coded = coded(coding, &plain);
            for at_a_time in [7, 4096, coded.len()] {
                let (out, largest) = decoded(coding, &coded, at_a_time).unwrap();
                assert!(out == plain && largest <= 2 << 20, "{coding} by {at_a_time}: {} of {largest}", out.len());
            }
            assert!(decoded(coding, &coded[..coded.len() / 2], 4096).is_err(), "{coding}, cut off");
            assert!(decoded(coding, b"<p>not coded at all</p>", 4096).is_err(), "{coding}, not coded");
        }
        let members = [coded("gzip", b"one "), coded("gzip", b"two")].concat();
        assert!(decoded("gzip", &members, 5).is_err(), "a second member, as browsers leave it out");
    }
}
