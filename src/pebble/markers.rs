//! Marker files: empty files whose names say which file is current.
//!
//! ```text
//! marker.NAME.NNNNNN.VALUE        of several with one NAME, the one with the largest NNNNNN counts
//!
//! marker.format-version.000001.024                   format major version 24
//! marker.manifest.000001.MANIFEST-000021             the current manifest
//! ```
//!
//! There is no `CURRENT` file. Markers of other names say nothing to a reader.

use std::ops::RangeInclusive;

use super::directory::parse_number;
use super::error::{Error, ErrorKind, Feature};

const FORMAT_VERSION: &str = "format-version";
const MANIFEST: &str = "manifest";

/// The format major versions that are read; each names the newest table format that may appear.
pub const FORMAT_VERSIONS: RangeInclusive<u64> = 13..=24;

/// What the markers of a directory say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Markers {
    pub(super) format_version: u64,
    pub(super) manifest: String,
}

impl Markers {
    /// Reads the names of a directory's files.
    pub(super) fn read<'n>(names: impl Iterator<Item = &'n str>) -> Result<Self, Error> {
        let (mut version, mut manifest) = (None, None);
        for name in names {
            let Some(rest) = name.strip_prefix("marker.") else { continue };
            let marker = Marker::parse(rest).ok_or_else(|| Error::new(name, None, ErrorKind::Marker))?;
            let newest = match marker.name {
                FORMAT_VERSION => &mut version,
                MANIFEST => &mut manifest,
                _ => continue,
            };
            if newest.is_none_or(|(_, older): (_, Marker<'_>)| older.iteration < marker.iteration) {
                *newest = Some((name, marker));
            }
        }
        let missing = |name| Error::new(format!("marker.{name}"), None, ErrorKind::Missing);
        let (name, version) = version.ok_or_else(|| missing(FORMAT_VERSION))?;
        let format_version =
            parse_number(version.value).ok_or_else(|| Error::new(name, None, ErrorKind::Marker))?;
        if !FORMAT_VERSIONS.contains(&format_version) {
            let feature = Feature::FormatVersion(format_version);
            return Err(Error::new(name, None, ErrorKind::Unsupported(feature)));
        }
        let (_, manifest) = manifest.ok_or_else(|| missing(MANIFEST))?;
        Ok(Self { format_version, manifest: manifest.value.to_owned() })
    }
}

impl Markers {
    /// What markers that are gone or damaged most likely said: the manifest of the largest number is the current one.
    pub(super) fn guess<'n>(names: impl Iterator<Item = &'n str>) -> Option<Self> {
        let manifests = names.filter_map(|name| Some((parse_number(name.strip_prefix("MANIFEST-")?)?, name)));
        let (_, manifest) = manifests.max()?;
        Some(Self { format_version: *FORMAT_VERSIONS.end(), manifest: manifest.to_owned() })
    }
}

#[derive(Debug, Clone, Copy)]
struct Marker<'n> {
    name: &'n str,
    iteration: u64,
    value: &'n str,
}

impl<'n> Marker<'n> {
    fn parse(rest: &'n str) -> Option<Self> {
        let (name, rest) = rest.split_once('.')?;
        let (iteration, value) = rest.split_once('.')?;
        let iteration = parse_number(iteration)?;
        (!name.is_empty() && !value.is_empty()).then_some(Self { name, iteration, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [&str; 2] = ["marker.format-version.000001.024", "marker.manifest.000001.MANIFEST-000021"];

    fn read(names: &[&str]) -> Result<Markers, Error> {
        Markers::read(names.iter().copied())
    }

    #[test]
    fn the_newest_of_one_name_counts() {
        let mut names = GOOD.to_vec();
        names.extend([
            "marker.manifest.000003.MANIFEST-9",
            "marker.manifest.000002.MANIFEST-8",
            "marker.other.1.x.y",
        ]);
        let markers = read(&names).unwrap();
        assert_eq!(markers, Markers { format_version: 24, manifest: "MANIFEST-9".into() });
        names.reverse();
        assert_eq!(read(&names).unwrap(), markers);
    }

    #[test]
    fn both_markers_must_be_there() {
        for (index, missing) in ["marker.manifest", "marker.format-version"].into_iter().enumerate() {
            let error = read(&GOOD[index..=index]).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Missing));
            assert_eq!(error.file(), missing);
        }
    }

    #[test]
    fn a_name_that_starts_like_a_marker_must_be_one() {
        for name in [
            "marker.",
            "marker.x",
            "marker.x.1",
            "marker.x.1.",
            "marker.x.a.b",
            "marker..1.b",
            "marker.x.+1.b",
        ] {
            let error = read(&[GOOD[0], GOOD[1], name]).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Marker), "{name}");
            assert_eq!(error.file(), name);
        }
    }

    #[test]
    fn only_known_format_versions_are_read() {
        for (version, known) in [("012", false), ("013", true), ("24", true), ("025", false)] {
            let name = format!("marker.format-version.000002.{version}");
            match read(&[&name, GOOD[1]]) {
                Ok(_) => assert!(known),
                Err(error) => {
                    assert!(!known);
                    let number = version.parse::<u64>().unwrap();
                    assert!(
                        matches!(error.kind(), ErrorKind::Unsupported(Feature::FormatVersion(found)) if *found == number)
                    );
                }
            }
        }
        let error = read(&["marker.format-version.000002.x", GOOD[1]]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Marker));
    }
}
