//! Writes columns and the frames of columnar blocks.

/// What a column holds.
#[derive(Debug, Clone)]
pub(crate) enum Column {
    Bools(Vec<bool>),
    Uints(Vec<u64>),
    Slices(Vec<Vec<u8>>),
    /// Sorted keys, in bundles of two to this.
    Prefixes(Vec<Vec<u8>>, u8),
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Widths {
    /// No number takes fewer bytes.
    pub(crate) least: u8,
    /// Store the difference to the smallest number where this is allowed.
    pub(crate) delta: bool,
}

/// Writes a columnar block; `own` is the number that some kinds of blocks start with.
pub(crate) fn block(own: Option<u32>, rows: usize, columns: &[Column], widths: Widths) -> Vec<u8> {
    let mut out = own.map_or_else(Vec::new, |own| own.to_le_bytes().to_vec());
    out.push(1);
    out.extend((columns.len() as u16).to_le_bytes());
    out.extend((rows as u32).to_le_bytes());
    let entries = out.len();
    out.resize(entries + 5 * columns.len(), 0);
    for (index, column) in columns.iter().enumerate() {
        let offset = (out.len() as u32).to_le_bytes();
        let entry = entries + 5 * index;
        out[entry + 1..entry + 5].copy_from_slice(&offset);
        out[entry] = match column {
            Column::Bools(bools) => push_bools(&mut out, bools),
            Column::Uints(numbers) => push_uints(&mut out, numbers, widths),
            Column::Slices(slices) => push_slices(&mut out, slices, widths),
            Column::Prefixes(keys, shift) => push_prefixes(&mut out, keys, *shift, widths),
        };
    }
    out.push(0);
    out
}

fn align(out: &mut Vec<u8>, width: usize) {
    out.resize(out.len().next_multiple_of(width), 0);
}

fn push_bools(out: &mut Vec<u8>, bools: &[bool]) -> u8 {
    if !bools.contains(&true) && !bools.is_empty() {
        out.push(1);
    } else if !bools.is_empty() {
        out.push(0);
        align(out, 8);
        let words: Vec<u64> = bools
            .chunks(64)
            .map(|bits| bits.iter().enumerate().fold(0, |word, (bit, set)| word | u64::from(*set) << bit))
            .collect();
        let summary = words.chunks(64).map(|words| {
            words.iter().enumerate().fold(0, |word, (bit, set)| word | u64::from(*set != 0) << bit)
        });
        let summary: Vec<u64> = summary.collect();
        out.extend(words.iter().chain(&summary).flat_map(|word| word.to_le_bytes()));
    }
    1
}

fn push_uints(out: &mut Vec<u8>, numbers: &[u64], widths: Widths) -> u8 {
    let Some(smallest) = numbers.iter().min().copied() else { return 2 };
    let base = if widths.delta { smallest } else { 0 };
    let largest = numbers.iter().map(|number| number - base).max().unwrap();
    let needed = match largest {
        0 => 0,
        1..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    };
    let width = needed.max(widths.least);
    out.push(width | if base > 0 { 0x80 } else { 0 });
    if base > 0 {
        out.extend(base.to_le_bytes());
    }
    align(out, usize::from(width.max(1)));
    for number in numbers {
        out.extend(&(number - base).to_le_bytes()[..usize::from(width)]);
    }
    2
}

fn push_offsets(out: &mut Vec<u8>, offsets: &[u64], widths: Widths) {
    push_uints(out, offsets, Widths { least: widths.least.min(4), delta: false });
}

fn push_slices(out: &mut Vec<u8>, slices: &[Vec<u8>], widths: Widths) -> u8 {
    if !slices.is_empty() {
        let mut offsets = vec![0];
        offsets.extend(slices.iter().scan(0, |end, slice| {
            *end += slice.len() as u64;
            Some(*end)
        }));
        push_offsets(out, &offsets, widths);
        out.extend(slices.iter().flatten());
    }
    3
}

/// The length of what all keys start with. They are sorted.
fn shared(keys: &[Vec<u8>]) -> usize {
    let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return 0 };
    first.iter().zip(last).take_while(|(a, b)| a == b).count()
}

fn push_prefixes(out: &mut Vec<u8>, keys: &[Vec<u8>], shift: u8, widths: Widths) -> u8 {
    if keys.is_empty() {
        return 4;
    }
    let block = shared(keys);
    let mut data = keys[0][..block].to_vec();
    let mut offsets = vec![data.len() as u64];
    for bundle in keys.chunks(1 << shift) {
        let stem = shared(bundle);
        data.extend(&bundle[0][block..stem]);
        offsets.push(data.len() as u64);
        for (row, key) in bundle.iter().enumerate() {
            if row == 0 || bundle[row - 1] != *key {
                data.extend(&key[stem..]);
            }
            offsets.push(data.len() as u64);
        }
    }
    out.push(shift);
    push_offsets(out, &offsets, widths);
    out.extend(data);
    4
}
