//! Links and permissions.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_link_is_followed_and_the_working_database_lies_beside_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let (real, link) = (directory.path().join("real"), directory.path().join("link.c1z"));
    fs::create_dir(&real).unwrap();
    symlink("real/a.c1z", &link).unwrap();
    let (mut writer, found) = beside(&link);
    assert_eq!(found, Found::Nothing);
    writer.begin_sync(full(SYNC)).unwrap();
    writer.commit().unwrap();
    assert_eq!(names(&real), [".a.c1z.sync", ".a.c1z.sync-wal"]);
    // The same by its other name.
    assert!(matches!(refused(&real.join("a.c1z")), WriteError::InUse { .. }));
    writer.save_beside().unwrap();
    assert_eq!(
        (names(&real), names(directory.path())),
        (vec!["a.c1z".into()], vec!["link.c1z".into(), "real".into()])
    );
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(read(&link).runs().len(), 1);
    assert_eq!(beside(&link).1, Found::Target);
}

#[test]
fn a_link_that_leads_elsewhere_meanwhile_is_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    symlink("a.c1z", at("link.c1z")).unwrap();
    let (mut writer, _) = beside(&at("link.c1z"));
    writer.begin_sync(full(SYNC)).unwrap();
    fs::copy(fixture("company.c1z"), at("other.c1z")).unwrap();
    fs::remove_file(at("link.c1z")).unwrap();
    symlink("other.c1z", at("link.c1z")).unwrap();
    writer.save_beside().unwrap();
    assert!(fs::read(at("other.c1z")).unwrap() == fs::read(fixture("company.c1z")).unwrap());
    assert_eq!(names(directory.path()), ["a.c1z", "link.c1z", "other.c1z"]);
}

#[test]
fn nobody_else_can_read_the_working_database() {
    let (directory, target) = nowhere();
    fs::copy(fixture("company.c1z"), &target).unwrap();
    let left = directory.path().join(".a.c1z.sync.new");
    fs::write(&left, "left").unwrap();
    fs::set_permissions(&left, fs::Permissions::from_mode(0o666)).unwrap();
    let (mut writer, _) = beside(&target);
    writer.begin_sync(full(SYNC)).unwrap();
    writer.commit().unwrap();
    for name in [".a.c1z.sync", ".a.c1z.sync-wal"] {
        assert_eq!(mode(&directory.path().join(name)), 0o600, "{name}");
    }
}

#[test]
fn the_permissions_of_the_target_are_kept() {
    let (directory, target) = nowhere();
    let ordinary = directory.path().join("ordinary");
    fs::write(&ordinary, "").unwrap();
    let (writer, _) = beside(&target);
    writer.save_beside().unwrap();
    assert_eq!(mode(&target), mode(&ordinary) & 0o644);
    for kept in [0o600, 0o640, 0o444] {
        fs::set_permissions(&target, fs::Permissions::from_mode(kept)).unwrap();
        let (writer, _) = beside(&target);
        writer.save_beside().unwrap();
        assert_eq!(mode(&target), kept);
    }
}

#[test]
fn links_in_place_of_our_own_files_lead_nowhere() {
    let (directory, target) = nowhere();
    let mine = directory.path().join("mine");
    fs::write(&mine, "mine").unwrap();
    for name in [".a.c1z.sync.new", ".a.c1z.sync.tmp"] {
        symlink("mine", directory.path().join(name)).unwrap();
    }
    let (writer, _) = beside(&target);
    symlink("mine", directory.path().join(".a.c1z.sync.tmp")).unwrap();
    symlink("mine", directory.path().join(".a.c1z.sync.new")).unwrap();
    writer.save_beside().unwrap();
    assert_eq!(names(directory.path()), ["a.c1z", "mine"]);
    symlink("mine", directory.path().join(".a.c1z.sync")).unwrap();
    assert!(refused(&target).to_string().ends_with("it is not a regular file"));
    assert_eq!(fs::read(&mine).unwrap(), b"mine");
}
