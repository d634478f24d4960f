//! Checksums: CRC32C, turned so that the checksum of bytes that hold checksums is as good as any.

/// Makes a CRC32C what stands in files.
fn mask(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// The checksum of all bytes.
pub(in crate::pebble) fn of(bytes: &[u8]) -> u32 {
    mask(crc32c::crc32c(bytes))
}

/// The checksum of a chunk of a log: its type, then its payload.
pub(in crate::pebble) fn of_tagged(tag: u8, payload: &[u8]) -> u32 {
    mask(crc32c::crc32c_append(crc32c::crc32c(&[tag]), payload))
}

/// The checksum of `first` and `second` as if they stood together.
pub(in crate::pebble) fn of_both(first: &[u8], second: &[u8]) -> u32 {
    mask(crc32c::crc32c_append(crc32c::crc32c(first), second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_masked_crc32c() {
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(of(b"123456789"), 0xc78a_b0e5);
        assert_eq!(of_tagged(b'1', b"23456789"), 0xc78a_b0e5);
        assert_eq!(of_both(b"12345", b"6789"), 0xc78a_b0e5);
    }
}
