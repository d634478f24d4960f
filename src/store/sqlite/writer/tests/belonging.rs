//! Whether a working database belongs to the target beside which it lies.

use super::*;

/// Id, hour of beginning, hour of end, checkpoint.
type Run = (&'static str, u32, Option<u32>, &'static str);

fn put(writer: &mut Writer, runs: &[Run]) {
    for (id, began, ended, token) in runs {
        writer.begin_sync(sync_at(id, *began)).unwrap();
        writer.set_sync_token(token).unwrap();
        match ended {
            Some(hour) => drop(writer.end_sync(hour_of_day(*hour)).unwrap()),
            None => writer.leave_sync().unwrap(),
        }
    }
}

/// What is found beside a target that holds `held`, when the working database holds `working`.
fn found(held: &[Run], working: &[Run]) -> Result<Found, String> {
    let (directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    put(&mut writer, working);
    writer.commit().unwrap();
    drop(writer);
    let mut writer = Writer::create(None).unwrap();
    put(&mut writer, held);
    writer.save(&target, SaveOptions::default()).unwrap();
    let before = fs::read(&target).unwrap();
    let result = Writer::beside(&target, &BesideOptions::default(), &mut |_, _| {});
    assert!(fs::read(&target).unwrap() == before);
    match result {
        Ok((writer, found)) => {
            let expected = if found == Found::Working { working } else { held };
            assert_eq!(writer.runs().unwrap().len(), expected.len());
            Ok(found)
        }
        Err(error) => {
            assert_eq!(names(directory.path()), [".a.c1z.sync", "a.c1z"]);
            assert_eq!(error.hint().unwrap(), "--fresh discards the earlier sync and starts again");
            let text = error.to_string();
            let start = format!(
                "{}: it is not the file that the earlier sync in .a.c1z.sync belongs to: ",
                target.display()
            );
            Err(text.strip_prefix(&start).unwrap_or(&text).to_owned())
        }
    }
}

const OLD: Run = ("old", 1, Some(2), "");
const NEW: Run = ("new", 3, Some(4), "");
const OPEN: Run = ("new", 3, None, "x");

#[test]
fn a_sync_on_top_of_what_the_target_holds_goes_on() {
    assert_eq!(found(&[OLD], &[OLD, OPEN]), Ok(Found::Working));
    assert_eq!(found(&[OLD], &[OLD, NEW]), Ok(Found::Working));
    assert_eq!(found(&[], &[OPEN]), Ok(Found::Working));
}

#[test]
fn a_sync_that_was_saved_is_not_saved_again() {
    assert_eq!(found(&[OLD, NEW], &[OLD, NEW]), Ok(Found::Target));
    assert_eq!(found(&[NEW], &[NEW]), Ok(Found::Target));
    // A clean-up removed the old one.
    assert_eq!(found(&[OLD, NEW], &[NEW]), Ok(Found::Target));
}

#[test]
fn a_working_database_without_a_sync_holds_nothing() {
    assert_eq!(found(&[OLD], &[]), Ok(Found::Target));
}

#[test]
fn older_syncs_may_have_been_removed() {
    assert_eq!(found(&[OLD], &[NEW]), Ok(Found::Working));
    assert_eq!(found(&[("old", 1, None, "")], &[OPEN]), Ok(Found::Working));
}

#[test]
fn an_older_file_in_the_place_of_the_target_is_not_overwritten() {
    let problem = "it holds the sync old, which was not there when that one began".to_owned();
    assert_eq!(found(&[OLD], &[OPEN]), Err(problem));
}

#[test]
fn a_later_sync_was_written_by_somebody_else() {
    let later: Run = ("later", 5, Some(6), "");
    let problem = Err("it holds the sync later, which began later".to_owned());
    assert_eq!(found(&[OLD, later], &[OLD, OPEN]), problem);
    assert_eq!(found(&[OLD, later], &[OLD, NEW]), problem);
    assert_eq!(found(&[("later", 3, None, "")], &[OLD, OPEN]), problem);
}

#[test]
fn a_sync_of_the_same_id_must_be_the_same() {
    let problem = Err("the sync old is another one".to_owned());
    assert_eq!(found(&[("old", 2, Some(2), "")], &[OLD, OPEN]), problem);
    assert_eq!(found(&[("old", 1, Some(3), "")], &[OLD, OPEN]), problem);
    // Somebody else ended it.
    assert_eq!(found(&[NEW], &[OPEN]), Err("the sync new is another one".to_owned()));
}

#[test]
fn an_unfinished_sync_of_the_target_may_have_gone_on() {
    assert_eq!(found(&[OLD, OPEN], &[OLD, OPEN]), Ok(Found::Working));
    assert_eq!(found(&[OLD, OPEN], &[OLD, ("new", 3, None, "y")]), Ok(Found::Working));
    assert_eq!(found(&[OLD, OPEN], &[OLD, NEW]), Ok(Found::Working));
}

#[test]
fn an_unfinished_sync_before_a_finished_one_goes_on_if_it_has_moved() {
    let newer: Run = ("newer", 5, Some(6), "");
    assert_eq!(found(&[OPEN, newer], &[OPEN, newer]), Ok(Found::Target));
    assert_eq!(found(&[OPEN, newer], &[("new", 3, None, "y"), newer]), Ok(Found::Working));
    assert_eq!(found(&[OPEN, newer], &[NEW, newer]), Ok(Found::Working));
}
