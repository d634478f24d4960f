//! The container: head and envelope, frames, the files inside.

use std::fmt::Write as _;

use super::findings::Findings;
use super::report::{Fault, Layer};
use crate::c1z::{
    self, Archive, ErrorKind, Fault as ArchiveFault, Flaw, Format, FrameFacts, Inspection, Layer as Part,
};

/// Looks at head and frames; what is wrong with other layers is given back.
pub(super) fn look(inspection: &Inspection, findings: &mut Findings) -> Vec<Fault> {
    let mut flaws: Vec<Fault> = inspection.flaws.iter().map(fault).collect();
    let mut of = |layer| flaws.extract_if(.., |flaw| flaw.layer == layer).collect::<Vec<_>>();
    let (head, frames) = (of(Layer::Container), of(Layer::Compression));
    findings.step(Layer::Container, "head", |findings| {
        head.into_iter().for_each(|flaw| findings.add(flaw));
        format_of(inspection)
    });
    if !frames.is_empty() || !inspection.frames.is_empty() {
        findings.step(Layer::Compression, "zstd frames", |findings| {
            frames.into_iter().for_each(|flaw| findings.add(flaw));
            of_frames(&inspection.frames)
        });
    }
    flaws
}

/// The format in words.
pub(super) fn format_of(inspection: &Inspection) -> String {
    let mut format = match (inspection.format, inspection.encoding) {
        (Format::V1, _) => "v1".to_owned(),
        (Format::V3, Some(encoding)) => format!("v3 {encoding}"),
        (Format::V3, None) => "v3".to_owned(),
        (_, _) => "sqlite".to_owned(),
    };
    if inspection.gzip {
        format.push_str(", gzip");
    }
    format
}

fn of_frames(frames: &[FrameFacts]) -> String {
    let stored: u64 = frames.iter().map(|frame| frame.stored).sum();
    let decoded: u64 = frames.iter().map(|frame| frame.decoded).sum();
    let mut text = format!(
        "{}, {} bytes to {}",
        super::words::count(frames.len() as u64, "frame"),
        super::words::thousands(stored),
        super::words::thousands(decoded)
    );
    let bare = frames.iter().filter(|frame| !frame.skippable && !frame.checksum).count();
    match bare {
        0 => text.push_str(", with checksum"),
        bare if bare == frames.len() => text.push_str(", without checksum"),
        // Writing to a string cannot fail.
        bare => drop(write!(text, ", {bare} of them without checksum")),
    }
    text
}

/// Checks every file of an archive, and what lies between them; `flaws` are those of its index. Gives the bytes of the
/// files that decode.
pub(super) fn look_at_files(
    archive: &Archive,
    flaws: Vec<Fault>,
    observer: super::Stage<'_>,
    findings: &mut Findings,
) -> u64 {
    findings.step(Layer::Archive, "index", |findings| {
        flaws.into_iter().for_each(|flaw| findings.add(flaw));
        super::words::count(archive.entries().len() as u64, "entry")
    });
    let mut sound: u64 = archive.entries().iter().map(|entry| entry.size).sum();
    findings.step(Layer::Archive, "files", |findings| {
        for error in archive.inspect(&mut |done, total| observer(done, total)) {
            let fault = of_file(archive, &error);
            if let Some(entry) = archive.entry(&fault.place).filter(|_| !fault.harmless) {
                sound -= entry.size.min(sound);
            }
            findings.add(fault);
        }
        let stored: u64 = archive.entries().iter().map(|entry| entry.stored).sum();
        let size: u64 = archive.entries().iter().map(|entry| entry.size).sum();
        format!(
            "{}, {} bytes to {}",
            super::words::count(archive.entries().len() as u64, "file"),
            super::words::thousands(stored),
            super::words::thousands(size)
        )
    });
    sound
}

/// What is wrong with a file of an archive, or between two of them.
fn of_file(archive: &Archive, error: &c1z::Error) -> Fault {
    let offset = error.offset();
    let place = match error.kind() {
        ErrorKind::Archive(ArchiveFault::Frame { name, .. } | ArchiveFault::Overlap { name, .. }) => {
            name.clone()
        }
        ErrorKind::Archive(ArchiveFault::Gap { .. }) => "between files".to_owned(),
        ErrorKind::Archive(_) => "index".to_owned(),
        _ => {
            let around = archive.entries().iter().find(|entry| {
                offset.is_some_and(|at| (entry.offset..entry.offset + entry.stored).contains(&at))
            });
            around.map_or_else(|| "files".to_owned(), |entry| entry.name.clone())
        }
    };
    let harmless = matches!(error.kind(), ErrorKind::Archive(ArchiveFault::Gap { .. }));
    Fault { layer: Layer::Archive, offset, place, message: message(error.kind()), harmless }
}

/// A flaw of the container as a fault of its layer.
fn fault(flaw: &Flaw) -> Fault {
    let kind = flaw.error.kind();
    let (layer, offset) = match kind {
        ErrorKind::Truncated { layer: Part::Head | Part::Manifest, .. }
        | ErrorKind::Archive(
            ArchiveFault::ManifestTooLarge { .. }
            | ArchiveFault::Manifest { .. }
            | ArchiveFault::Engine { .. }
            | ArchiveFault::Encoding { .. }
            | ArchiveFault::ManifestHash,
        ) => (Layer::Container, flaw.error.offset()),
        ErrorKind::Truncated { layer: Part::Footer | Part::Index, .. } | ErrorKind::Archive(_) => {
            (Layer::Archive, flaw.error.offset())
        }
        ErrorKind::NotSqlite { .. } => (Layer::Database, Some(0)),
        ErrorKind::TruncatedDatabase { actual, .. } => (Layer::Database, Some(*actual)),
        _ => (Layer::Compression, flaw.error.offset()),
    };
    Fault { layer, offset, place: flaw.place.clone(), message: message(kind), harmless: false }
}

/// What is wrong, without the place, which stands beside it.
fn message(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::Truncated { layer, .. } => format!("the file ends here, inside a {layer}"),
        ErrorKind::TrailingGarbage { layer, .. } => format!("what follows is no {layer}"),
        ErrorKind::NoFrame { .. } => "no zstd frame starts here".into(),
        ErrorKind::FrameHeader { .. } => "its header has a reserved bit set".into(),
        ErrorKind::Checksum { .. } => "its checksum does not match its content".into(),
        ErrorKind::Corrupt { detail, .. } => format!("it does not decode ({detail})"),
        ErrorKind::Gzip { detail, .. } => format!("the gzip layer does not unpack ({detail})"),
        ErrorKind::TruncatedDatabase { declared, actual } => {
            format!("there are {actual} bytes of the {declared} that the header states")
        }
        ErrorKind::Archive(ArchiveFault::Frame { fault, .. }) => format!("its frame {fault}"),
        ErrorKind::Archive(ArchiveFault::Name { fault, .. }) => format!("an entry has a name that {fault}"),
        ErrorKind::Archive(ArchiveFault::Entry { name, fault, .. }) => {
            format!("the entry of {name:?} {fault}")
        }
        ErrorKind::Archive(ArchiveFault::Tar { fault, .. }) => fault.to_string(),
        ErrorKind::Archive(ArchiveFault::ManifestHash) => "it does not match its hash".into(),
        ErrorKind::Archive(ArchiveFault::IndexHash { .. }) => "it does not match its hash".into(),
        ErrorKind::Archive(ArchiveFault::EndMark { .. }) => "the last 8 bytes are not the end mark".into(),
        ErrorKind::Archive(ArchiveFault::IndexPlace { start, length, .. }) => format!(
            "it puts an index of {length} bytes at byte {start}, which does not fit between the manifest and itself"
        ),
        ErrorKind::Archive(ArchiveFault::Manifest { .. } | ArchiveFault::Index { .. }) => {
            "a field is malformed".into()
        }
        ErrorKind::Archive(ArchiveFault::Gap { length, .. }) => format!("{length} bytes belong to nothing"),
        ErrorKind::Archive(ArchiveFault::Overlap { .. }) => "its frame starts inside the one before".into(),
        other => other.to_string(),
    }
}
