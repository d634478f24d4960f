//! A whole file that another writer made, and rows of another, byte by byte.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::super::translate::translate;
use super::*;
use crate::model::v2;
use crate::store::record::{Entitlements, Grants, ResourceTypes, Resources};

/// The smallest file that the program that connectors use opens: two types, two resources, one entitlement, one grant.
const SMALLEST: &str = "\
    QzFaMwAAAABCCgdwZWJibGUzEBggBcICLwobM01TYXF4UnRsc2FMUlF6aHRNTmJIajJNdjhSEAEaBgiA8tbKBiIGCLzy1soG0AICKLUv/WRUAgURAFZb\
    ZkMwb5sDAPJIszb1WJgwZF4lOboKOjAgK6rvR1ZK5RAR0SXLyE1ID9cFKj+OUCGJB3FudozExFIIHvKEqO0go29LpJQyVQBXAFEAkoIB1MFfDq2oi/XX\
    22B4Ez6mrhexSA1syM68sD13/Lw1mRBMZF4YnhLDcWoyZMZgpCNd1uf9eXMAoBYRJFZkmCwgEjoRMpHKZYWPaRVl+DhKGiATA67ZMIf8I3HMGWPU1nuw\
    gmfjPPpzzzvN6c89+rOPR1KHlC4iARlisnxcMiNLAOKAXGhwIXC0BZMJ2QObO52VYLAjHAQCKMuBywe2Z0VdLktjYXvzeW80YhMVuQmXq9V2m5dpgWeO\
    xHUopN6tc5B3D2r7NvRAzaImD0O6lvj2cdW7a3XdPNtbPxrY3Xq3/NHAlzpiihG4A1URRxojSq24AQUGiA/k8jvIEykoJ6IUlBNRjB5UVKDSQnrYoHCi\
    hMQhO6c/rOIHq6JBsvDdWdCkMNJEyD+VxP7ETFR27vXn8gIjc/X2JzEm1/ZzbbUP1K6HHoLV8btXZSYPSQU5IEACQgzUPDoEUBtsdy2Dqsx0d/0WU8rX\
    CsuHUrauKIDxAou5ivSLFSaKl325XYQCQ3E0tLgoo9stW5S3VeITCRhxwGOnjsoS2OdXgQzRSJsMozJ3ohxjO52OFZ6jQgOiLA9W5qAEt46cSVpFEUDC\
    mCjhCioIIhFIolTAQKqwDGzLALxQRlL/KLUv/SRYpQIApATSUECUUQABARpsZXZlbGRiLkJ5dGV3aXNlQ29tcGFyYXRvcgMDBApkBgLUBg4DAQBncnAB\
    ABoD/2tleXNwYWNlX3ZlcnNpb24AAAIAfZJQA9gD+yvR2ii1L/0kAAEAAJnp2FEotS/9JAABAACZ6dhRCj8KCjAwMDAwMi5zc3QQSxiuBCDUBilQRlL/\
    bkjudzIgm44XwdhrXUPz589YK2FGQY+dMDF2Mw+cGcFMEXT7cYUKQwoPTUFOSUZFU1QtMDAwMDAxEPkEGGEgWCn7K9Hara8LPjIgwEVj65Wvch4KKJmz\
    5BESphvk/r4ccHmiCQ9cbcORt5gKUgogbWFya2VyLmZvcm1hdC12ZXJzaW9uLjAwMDAwMS4wMTMQ2gUYDSmZ6dhRN9tG7zIg47DEQpj8HBSa+/TImW+5\
    JCeuQeRkm5NMpJWZG3hSuFUKWAombWFya2VyLm1hbmlmZXN0LjAwMDAwMS5NQU5JRkVTVC0wMDAwMDEQ5wUYDSmZ6dhRN9tG7zIg47DEQpj8HBSa+/TI\
    mW+5JCeuQeRkm5NMpJWZG3hSuFUQrAcYqQUh+sAnxLyLv4YAAAAAAAAC9AAAAUPV9W67Lhi8q0MxWklEWDEA";

#[test]
fn the_smallest_file_of_another_writer_is_read() {
    let reader = file::try_open(&BASE64_STANDARD.decode(SMALLEST).unwrap()).unwrap();
    assert_eq!(reader.engine(), "pebble");
    let [run] = reader.runs() else { panic!("one sync") };
    assert_eq!(
        (run.id.as_str(), run.kind.as_str(), run.finished),
        ("3MSaqxRtlsaLRQzhtMNbHj2Mv8R", "full", true)
    );
    assert_eq!(run.started_at.unwrap().to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(run.ended_at.unwrap().since(run.started_at.unwrap()).as_secs(), 60);
    assert_eq!((&run.stats, run.token.as_str()), (&None, ""));
    let at = snapshot(&reader);
    let [types, resources, offers, held] = everything(at);
    assert_eq!(names(&types, 0), ["grp", "usr"]);
    let decoded = v2::ResourceType::decode(&*types[0].message).unwrap();
    assert_eq!((decoded.display_name.as_str(), decoded.traits.as_slice()), ("grp", &[2][..]));
    assert_eq!((names(&resources, 0), names(&resources, 1)), (vec!["grp", "usr"], vec!["g1", "u1"]));
    assert_eq!(v2::Resource::decode(&*resources[1].message).unwrap().display_name, "U1");
    let decoded = v2::Entitlement::decode(&*offers[0].message).unwrap();
    assert_eq!(
        (decoded.id.as_str(), decoded.display_name.as_str(), decoded.slug.as_str()),
        ("grp:g1:mbr", "Mbr", "mbr")
    );
    assert_eq!(held[0].keys.concat(), b"grp:g1:mbr:usr:u1grp:g1:mbrgrpg1usru1");
    let stats = at.count().unwrap();
    assert_eq!((stats.resource_types, stats.resources, stats.entitlements, stats.grants), (2, 2, 1, 1));
    assert_eq!(stats.grants_by_resource_type, [("grp".to_owned(), 1)].into());
    assert_sound(&reader);
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn id_of(kind: &str, id: &str) -> Option<v2::ResourceId> {
    Some(v2::ResourceId { resource_type: kind.into(), resource: id.into(), ..Default::default() })
}

fn bare(kind: &str, id: &str) -> v2::Resource {
    v2::Resource { id: id_of(kind, id), ..Default::default() }
}

fn offer(kind: &str, resource: &str, id: &str) -> v2::Entitlement {
    v2::Entitlement { resource: Some(bare(kind, resource)), id: id.into(), ..Default::default() }
}

#[test]
fn rows_of_another_writer_become_messages() {
    let mut out = Vec::new();
    let value = bytes("120567726f75701a0547726f7570220547524f5550320c08b9a18bd8061080e8f18803");
    translate::<ResourceTypes>(&value, &mut out).unwrap();
    let group = v2::ResourceType {
        id: "group".into(),
        display_name: "Group".into(),
        traits: vec![v2::resource_type::Trait::Group as i32],
        ..Default::default()
    };
    assert_eq!(out, group.encode_to_vec());

    out.clear();
    let value = bytes("120567726f75701a046700017822055765697264420c08b9a18bd8061098a8f78803");
    translate::<Resources>(&value, &mut out).unwrap();
    let weird = v2::Resource { display_name: "Weird".into(), ..bare("group", "g\0\x01x") };
    assert_eq!(out, weird.encode_to_vec());

    out.clear();
    let value =
        bytes("1204757365721a0275312206557365722031320a0a047573657212027530420c08b9a18bd8061098a8f78803");
    translate::<Resources>(&value, &mut out).unwrap();
    let user = v2::Resource {
        display_name: "User 1".into(),
        parent_resource_id: id_of("user", "u0"),
        ..bare("user", "u1")
    };
    assert_eq!(out, user.encode_to_vec());

    out.clear();
    let value = bytes(
        "120f67726f75703a67313a6d656d6265721a0b0a0567726f75701202673122064d656d626572320a41535349474e4d454e54
         420c08b9a18bd80610e9acfc88034a066d656d626572520475736572",
    );
    translate::<Entitlements>(&value, &mut out).unwrap();
    let member = v2::Entitlement {
        display_name: "Member".into(),
        purpose: v2::entitlement::PurposeValue::Assignment as i32,
        slug: "member".into(),
        grantable_to: vec![v2::ResourceType { id: "user".into(), ..Default::default() }],
        ..offer("group", "g1", "group:g1:member")
    };
    assert_eq!(out, member.encode_to_vec());
}

#[test]
fn grants_of_another_writer_become_messages() {
    let mut out = Vec::new();
    let value = bytes(
        "121767726f75703a67313a6d656d6265723a757365723a75311a1c0a0567726f7570120267311a0f67726f75703a67313a6d656d
         62657222140a0475736572120275311a0475736572220275302a0c08b9a18bd80610ce8c808903",
    );
    translate::<Grants>(&value, &mut out).unwrap();
    let principal = v2::Resource { parent_resource_id: id_of("user", "u0"), ..bare("user", "u1") };
    let held = v2::Grant {
        id: "group:g1:member:user:u1".into(),
        entitlement: Some(offer("group", "g1", "group:g1:member")),
        principal: Some(principal),
        ..Default::default()
    };
    assert_eq!(out, held.encode_to_vec());

    out.clear();
    let value = bytes(
        "121967726f75703a670001783a61646d696e3a67726f75703a67311a1f0a0567726f75701204670001781a1067726f75703a6700
         01783a61646d696e220b0a0567726f7570120267312a0c08b9a18bd80610ce8c80890332190a0f67726f75703a67313a6d656d62
         657210011a04757365723801",
    );
    translate::<Grants>(&value, &mut out).unwrap();
    let expandable = v2::GrantExpandable {
        entitlement_ids: vec!["group:g1:member".into()],
        shallow: true,
        resource_type_ids: vec!["user".into()],
    };
    let held = v2::Grant {
        id: "group:g\0\x01x:admin:group:g1".into(),
        entitlement: Some(offer("group", "g\0\x01x", "group:g\0\x01x:admin")),
        principal: Some(bare("group", "g1")),
        annotations: vec![annotation("GrantExpandable", &expandable)],
        ..Default::default()
    };
    assert_eq!(out, held.encode_to_vec());
}
