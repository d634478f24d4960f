//! Saving: round trips, refusals, and nothing left behind.

use std::fs;
use std::path::Path;

use super::*;

const FORCE: SaveOptions = SaveOptions { overwrite: true };
const CAREFUL: SaveOptions = SaveOptions { overwrite: false };

fn save_bytes(target: &Path, options: SaveOptions, content: &[u8]) -> Result<(), Error> {
    save(target, options, Some(content.len() as u64), &mut |out| {
        content.chunks(1000).try_for_each(|part| out.write_all(part))
    })
}

fn read(path: &Path) -> Vec<u8> {
    let opened = open(&Source::from(path), &OpenOptions::default(), &mut |_, _| {}).unwrap();
    let image = image_of(opened);
    image.to_vec()
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_is_saved_is_what_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    for pages in [1, 8, 20_000] {
        let path = directory.path().join(format!("{pages}.c1z"));
        save_bytes(&path, CAREFUL, &database(pages)).unwrap();
        assert!(read(&path) == database(pages));
        let file = fs::read(&path).unwrap();
        let Ok(frame::Frame::Zstd(header)) = frame::Frame::parse(&file[5..23]) else { panic!() };
        assert_eq!(header.content_size, Some(u64::from(pages) * 512));
        assert!(header.checksum && header.window <= 8 << 20, "{header:?}");
    }
}

#[test]
fn the_size_need_not_be_known() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.c1z");
    save(&path, CAREFUL, None, &mut |out| out.write_all(&database(20_000))).unwrap();
    assert!(read(&path) == database(20_000));
    save(&path, FORCE, None, &mut |_| Ok(())).unwrap();
    assert!(read(&path).is_empty());
}

#[test]
fn a_plain_file_holds_just_what_was_written() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("words.txt");
    let save = |options, words: &'static [u8]| save_plain(&path, options, &mut |out| out.write_all(words));
    save(CAREFUL, b"one").unwrap();
    assert!(matches!(save(CAREFUL, b"two").unwrap_err().kind(), ErrorKind::Exists));
    assert_eq!(fs::read(&path).unwrap(), b"one");
    save(FORCE, b"three").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"three");
    save_plain(&path, FORCE, &mut |_| Err(io::Error::other("no"))).unwrap_err();
    assert_eq!(fs::read(&path).unwrap(), b"three");
    assert_eq!(names(directory.path()), ["words.txt"]);
}

#[test]
fn an_existing_file_is_refused_and_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.c1z");
    fs::write(&path, b"mine").unwrap();
    let error = save_bytes(&path, CAREFUL, &database(8)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Exists));
    assert!(error.hint().unwrap().contains("--force"));
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    save_bytes(&path, FORCE, &database(8)).unwrap();
    assert_eq!(read(&path), database(8));
    assert_eq!(names(directory.path()), ["a.c1z"]);
}

#[test]
fn a_file_that_appears_meanwhile_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.c1z");
    let error = save(&path, CAREFUL, None, &mut |_| fs::write(&path, b"theirs")).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Exists), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"theirs");
    assert_eq!(names(directory.path()), ["a.c1z"]);
}

#[test]
fn a_failure_leaves_what_was_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.c1z");
    save_bytes(&path, CAREFUL, &database(8)).unwrap();
    let error = save(&path, FORCE, None, &mut |out| {
        out.write_all(&database(20_000))?;
        Err(io::Error::other("the store broke"))
    });
    assert!(error.unwrap_err().to_string().contains("the store broke"));
    for size in [1, 4095, 4097, 1 << 40] {
        let error = save(&path, FORCE, Some(size), &mut |out| out.write_all(&database(8))).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Write(_)), "{error}");
    }
    assert_eq!(read(&path), database(8));
    assert_eq!(names(directory.path()), ["a.c1z"]);
}

#[test]
fn places_that_are_no_place_for_a_file_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let error = save_bytes(directory.path(), FORCE, b"").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotRegular));
    let error = save_bytes(&directory.path().join("no/a.c1z"), FORCE, b"").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NoDirectory { directory } if directory.ends_with("no")));
}

#[test]
fn a_file_saved_through_a_known_name_replaces_what_was_left_under_it() {
    let directory = tempfile::tempdir().unwrap();
    let (path, left) = (directory.path().join("a.c1z"), directory.path().join(".a.tmp"));
    let save = |pages: u32| {
        let content = database(pages);
        let mut seen = Vec::new();
        save_through(&path, ".a.tmp".as_ref(), Some(content.len() as u64), &mut |out| {
            seen = names(directory.path());
            out.write_all(&content)
        })
        .unwrap();
        assert!(seen.contains(&".a.tmp".to_owned()), "{seen:?}");
        assert!(read(&path) == content);
        assert_eq!(names(directory.path()), ["a.c1z"]);
    };
    save(8);
    fs::write(&left, vec![7; 1 << 20]).unwrap();
    save(9);
    // What cannot be removed is an error, and the target stays.
    fs::create_dir(&left).unwrap();
    let error = save_through(&path, ".a.tmp".as_ref(), None, &mut |_| Ok(())).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Write(_)), "{error}");
    assert!(read(&path) == database(9));
}

#[test]
fn a_failure_removes_the_file_under_the_known_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.c1z");
    save_bytes(&path, CAREFUL, &database(8)).unwrap();
    let error = save_through(&path, ".a.tmp".as_ref(), Some(1), &mut |out| out.write_all(&database(9)));
    assert!(matches!(error.unwrap_err().kind(), ErrorKind::Write(_)));
    assert!(read(&path) == database(8));
    assert_eq!(names(directory.path()), ["a.c1z"]);
}

#[test]
fn the_destination_is_known_before_anything_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.c1z");
    assert_eq!(destination(&path).unwrap(), path);
    fs::write(&path, b"mine").unwrap();
    assert_eq!(destination(&path).unwrap(), path);
    assert!(matches!(destination(directory.path()).unwrap_err().kind(), ErrorKind::NotRegular));
    let error = destination(&directory.path().join("no/a.c1z")).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NoDirectory { .. }));
    assert_eq!(names(directory.path()), ["a.c1z"]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_device_is_never_replaced() {
        let error = save_bytes(Path::new("/dev/null"), FORCE, b"").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotRegular));
    }

    #[test]
    fn links_are_followed_and_stay() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("real")).unwrap();
        let (real, link) = (directory.path().join("real/a.c1z"), directory.path().join("link.c1z"));
        symlink("hop.c1z", &link).unwrap();
        symlink("real/a.c1z", directory.path().join("hop.c1z")).unwrap();
        for options in [CAREFUL, FORCE] {
            save_bytes(&link, options, &database(8)).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(read(&real), database(8));
            assert_eq!(names(directory.path()), ["hop.c1z", "link.c1z", "real"]);
            assert_eq!(names(&directory.path().join("real")), ["a.c1z"]);
        }
        let error = save_bytes(&link, CAREFUL, &database(8)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Exists));
        assert_eq!(destination(&link).unwrap(), real);
        save_through(&link, ".x.tmp".as_ref(), None, &mut |out| out.write_all(&database(9))).unwrap();
        assert_eq!(read(&real), database(9));
    }

    #[test]
    fn a_link_under_the_known_name_leads_nowhere() {
        let directory = tempfile::tempdir().unwrap();
        let (path, mine) = (directory.path().join("a.c1z"), directory.path().join("mine"));
        fs::write(&mine, b"mine").unwrap();
        symlink("mine", directory.path().join(".a.tmp")).unwrap();
        save_through(&path, ".a.tmp".as_ref(), None, &mut |out| out.write_all(&database(8))).unwrap();
        assert_eq!(fs::read(&mine).unwrap(), b"mine");
        assert_eq!(names(directory.path()), ["a.c1z", "mine"]);
    }

    #[test]
    fn a_link_to_itself_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join("a.c1z");
        symlink("a.c1z", &link).unwrap();
        let error = save_bytes(&link, FORCE, b"").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Write(_)), "{error}");
    }

    #[test]
    fn permissions_are_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.c1z");
        for kept in [0o600, 0o640, 0o666, 0o444] {
            fs::write(directory.path().join("new"), b"").unwrap();
            fs::rename(directory.path().join("new"), &path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(kept)).unwrap();
            save_bytes(&path, FORCE, &database(8)).unwrap();
            assert_eq!(mode(&path), kept);
            save_through(&path, ".a.tmp".as_ref(), None, &mut |_| Ok(())).unwrap();
            assert_eq!(mode(&path), kept);
        }
    }

    #[test]
    fn a_new_file_gets_what_the_umask_allows() {
        let directory = tempfile::tempdir().unwrap();
        let (path, ordinary) = (directory.path().join("a.c1z"), directory.path().join("ordinary"));
        save_bytes(&path, CAREFUL, &database(8)).unwrap();
        fs::write(&ordinary, b"").unwrap();
        assert_eq!(mode(&path), mode(&ordinary) & 0o644);
        fs::remove_file(&path).unwrap();
        save_through(&path, ".a.tmp".as_ref(), None, &mut |_| Ok(())).unwrap();
        assert_eq!(mode(&path), mode(&ordinary) & 0o644);
    }
}
