//! Pages: tokens that lead in a circle are caught wherever they occur, and nothing else is.

use baton::model::v2;
use baton::sync::build::{self, Trait, annotations};
use baton::sync::{Answer, Connector, Page, Request, ResourceSyncer, Sync, SyncError};

use crate::time::TestClock;

/// A connector of one type whose lists follow a script of tokens: from each to the next.
struct Circling {
    /// Which list circles: `list`, `entitlements` or `grants`.
    list: &'static str,
    tokens: &'static [(&'static str, &'static str)],
    /// Whether its pages say that there are further lists.
    opens: bool,
}

impl Circling {
    fn page<T>(&self, list: &str, items: Vec<T>, token: &str) -> Answer<Page<T>> {
        let next = self.tokens.iter().find(|(from, _)| list == self.list && *from == token);
        let mut page = Page::then(items, next.map_or("", |(_, next)| next));
        if self.opens && list == self.list {
            let tokens = v2::EnqueuePageTokens { page_tokens: vec!["x".into()], estimated_total: 0 };
            annotations::append(&mut page.annotations, &tokens);
        }
        Ok(page)
    }
}

impl Connector for Circling {
    fn metadata(&self) -> Answer<v2::ConnectorMetadata> {
        Ok(v2::ConnectorMetadata::default())
    }

    fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> {
        vec![Box::new(Groups(self))]
    }
}

struct Groups<'c>(&'c Circling);

impl ResourceSyncer for Groups<'_> {
    fn resource_type(&self) -> v2::ResourceType {
        build::resource_type("Group").trait_(Trait::Group).build()
    }

    fn list(&self, _: Option<&v2::ResourceId>, request: &Request<'_>) -> Answer<Page<v2::Resource>> {
        let group = build::resource(&self.resource_type(), "g", "G").group(build::group()).build();
        self.0.page("list", vec![group], request.token)
    }

    fn entitlements(&self, group: &v2::Resource, request: &Request<'_>) -> Answer<Page<v2::Entitlement>> {
        self.0.page("entitlements", vec![build::assignment(group, "member").build()], request.token)
    }

    fn grants(&self, group: &v2::Resource, request: &Request<'_>) -> Answer<Page<v2::Grant>> {
        let user = build::id("group", "g");
        self.0.page("grants", vec![build::grant(group, "member", &user).build()], request.token)
    }
}

fn run(list: &'static str, tokens: &'static [(&'static str, &'static str)]) -> Result<(), SyncError> {
    let folder = tempfile::tempdir().unwrap();
    let connector = Circling { list, tokens, opens: false };
    Sync::new(&connector).clock(&TestClock::new()).run(folder.path().join("sync.c1z")).map(drop)
}

#[test]
fn a_token_that_comes_twice_is_an_error_that_names_the_list_and_the_token() {
    let circles: [&[(&str, &str)]; 4] = [
        &[("", "a"), ("a", "a")],
        &[("", "a"), ("a", "b"), ("b", "a")],
        &[("", "a"), ("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")],
        // Once round by an empty token is not possible: that is the end.
        &[("", "x"), ("x", "y"), ("y", "z"), ("z", "x")],
    ];
    let lists = [
        ("list", "listing group"),
        ("entitlements", "listing the entitlements of group/g"),
        ("grants", "listing the grants of group/g"),
    ];
    for (list, words) in lists {
        for tokens in circles {
            let Err(SyncError::TokenCycle { call, token }) = run(list, tokens) else {
                panic!("{list} {tokens:?}")
            };
            assert_eq!(call, words);
            assert_eq!(token, tokens.last().unwrap().1);
        }
    }
}

#[test]
fn the_same_tokens_in_different_lists_are_no_circle() {
    for list in ["list", "entitlements", "grants"] {
        run(list, &[("", "a"), ("a", "b"), ("b", "c")]).unwrap();
    }
}

#[test]
fn lists_that_cannot_be_followed_are_refused_wherever_they_are_opened() {
    for list in ["list", "entitlements", "grants"] {
        let folder = tempfile::tempdir().unwrap();
        let connector = Circling { list, tokens: &[], opens: true };
        let ended = Sync::new(&connector).clock(&TestClock::new()).run(folder.path().join("sync.c1z"));
        let Err(SyncError::Record { problem, .. }) = ended else { panic!("{list}: {ended:?}") };
        assert!(problem.contains("EnqueuePageTokens"), "{problem}");
    }
}
