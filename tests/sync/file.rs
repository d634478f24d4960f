//! What a file holds, as its reader sees it.

use std::collections::BTreeMap;
use std::path::Path;

use baton::store::{
    EntitlementFilter, GrantFilter, OpenOptions, Reader, ResourceFilter, Source, SyncChoice, SyncRun,
};

/// One sync of a file: every record by its id. Reading fails when an id is there twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Content {
    pub(crate) types: BTreeMap<String, Vec<u8>>,
    pub(crate) resources: BTreeMap<String, Vec<u8>>,
    pub(crate) entitlements: BTreeMap<String, Vec<u8>>,
    /// With what each expands to.
    pub(crate) grants: BTreeMap<String, (Vec<u8>, Vec<u8>)>,
}

impl Content {
    /// Fails with the ids of what differs.
    #[track_caller]
    pub(crate) fn assert_is(&self, expected: &Self, when: &str) {
        fn differing<V: PartialEq>(one: &BTreeMap<String, V>, two: &BTreeMap<String, V>) -> Vec<String> {
            let ids = one.keys().chain(two.keys());
            let mut ids: Vec<String> = ids.filter(|id| one.get(*id) != two.get(*id)).cloned().collect();
            ids.dedup();
            ids
        }
        let differing = [
            differing(&self.types, &expected.types),
            differing(&self.resources, &expected.resources),
            differing(&self.entitlements, &expected.entitlements),
            differing(&self.grants, &expected.grants),
        ];
        assert!(differing.iter().all(Vec::is_empty), "{when}: {differing:?}");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn open(path: &Path) -> Reader {
    Reader::open(&Source::Path(path.to_owned()), &OpenOptions::default(), &mut |_, _| {}).unwrap()
}

/// All sync runs of a file.
pub(crate) fn runs(path: &Path) -> Vec<SyncRun> {
    open(path).runs().to_vec()
}

/// The newest finished sync of a file.
pub(crate) fn read(path: &Path) -> Content {
    read_sync(path, &SyncChoice::Newest)
}

pub(crate) fn read_sync(path: &Path, choice: &SyncChoice) -> Content {
    let reader = open(path);
    let snapshot = reader.at(reader.choose(choice).unwrap().run);
    let mut content = Content::default();
    let mut scan = snapshot.resource_types().unwrap();
    let mut rows = scan.rows().unwrap();
    while rows
        .next(|row| assert!(content.types.insert(text(row.id), row.message.to_vec()).is_none()))
        .unwrap()
        .is_some()
    {}
    let mut scan = snapshot.resources(&ResourceFilter::default()).unwrap();
    let mut rows = scan.rows().unwrap();
    while rows
        .next(|row| {
            let id = format!("{}/{}", text(row.key.kind), text(row.key.id));
            assert!(content.resources.insert(id, row.message.to_vec()).is_none());
        })
        .unwrap()
        .is_some()
    {}
    let mut scan = snapshot.entitlements(&EntitlementFilter::default()).unwrap();
    let mut rows = scan.rows().unwrap();
    while rows
        .next(|row| assert!(content.entitlements.insert(text(row.id), row.message.to_vec()).is_none()))
        .unwrap()
        .is_some()
    {}
    let mut scan = snapshot.grants(&GrantFilter::default()).unwrap();
    let mut rows = scan.rows().unwrap();
    while rows
        .next(|row| {
            let grant = (row.message.to_vec(), row.expansion.to_vec());
            assert!(content.grants.insert(text(row.id), grant).is_none());
        })
        .unwrap()
        .is_some()
    {}
    assert!(reader.problems().incomplete().is_none());
    content
}

/// The names of all files in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What a query for one column says of the database in a file.
pub(crate) fn query(path: &Path, sql: &str) -> Vec<String> {
    let bytes = std::fs::read(path).unwrap();
    let frame = &bytes[5..];
    let size = zstd_safe::get_frame_content_size(frame).unwrap().unwrap();
    let mut database: Vec<u8> = Vec::with_capacity(usize::try_from(size).unwrap());
    zstd_safe::decompress(&mut database, frame).unwrap();
    let image = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(image.path(), database).unwrap();
    let connection = rusqlite::Connection::open(image.path()).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    rows.map(|value| match value.unwrap() {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        other => format!("{other:?}"),
    })
    .collect()
}
