//! A file's bytes as a stream.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    ops::Range,
};

use bytes::Bytes;
use futures::{Stream, stream};
use lectern_application::ports::AudioStoreError;

use super::blocking;

/// So many bytes are read at once.
const BLOCK: u64 = 256 * 1024;

/// The bytes of `file` in `range`. A file that ends before the range does is an error, never a short answer.
pub(super) fn of_file(file: File, range: Range<u64>) -> impl Stream<Item = Result<Bytes, AudioStoreError>> {
    stream::try_unfold((file, range), |(file, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        blocking(move || read_block(file, range)).await.map(Some)
    })
}

type Rest = (File, Range<u64>);

fn read_block(mut file: File, range: Range<u64>) -> io::Result<(Bytes, Rest)> {
    let end = range.start.saturating_add(BLOCK).min(range.end);
    let len = usize::try_from(end - range.start).map_err(io::Error::other)?;
    let mut block = vec![0; len];
    file.seek(SeekFrom::Start(range.start))?;
    file.read_exact(&mut block)?;
    Ok((block.into(), (file, end..range.end)))
}
