//! `-p`: who somebody is.

use crate::run::{edited, names, run};

#[test]
fn a_principal_is_known_by_id_address_login_and_name() {
    let ada = names("grants -p user/ada");
    assert_eq!(ada.len(), 6);
    for who in [
        "ada",
        "ada@corp.example",
        "ADA@Corp.Example",
        "countess@corp.example",
        "A.LoveLace@corp.example",
        "Ada Lovelace",
    ] {
        assert_eq!(names(&format!("grants -p '{who}'")), ada, "{who}");
        assert_eq!(names(&format!("resources -p '{who}'")), ["user/ada"], "{who}");
    }
}

#[test]
fn names_in_any_script_are_names() {
    for (who, name) in [
        ("山田 太郎", "user/taro"),
        ("Дмитрий Иванов", "user/dmitri"),
        ("فاطمة الزهراء", "user/fatima"),
        ("Zoë Ångström", "user/zoe"),
        ("Robin 🦊🚀", "user/robin"),
        ("nemo", "user/u-14"),
        ("deploy-bot", "user/svc:deploy"),
        ("heidi@corp.example", "user/heidi"),
        ("Operations", "group/ops"),
    ] {
        assert_eq!(names(&format!("resources -p '{who}'")), [name], "{who}");
    }
}

#[test]
fn logins_and_names_are_exact() {
    for who in ["ADA", "ada lovelace", "Ada", "Lovelace"] {
        run(&format!("grants -p '{who}' -f company.c1z")).failed();
    }
}

#[test]
fn ids_with_slashes_colons_and_blanks_are_found() {
    for name in ["user/dept/eng:jo smith", "group/ext/all:odd id", "org/acme/eu", "user/svc:deploy"] {
        assert_eq!(names(&format!("resources -p '{name}'")), [name]);
    }
    let jo = names("grants -p 'user/dept/eng:jo smith'");
    assert_eq!(jo, names("grants -p jo.smith@corp.example"));
    assert_eq!(jo.len(), 5);
}

#[test]
fn a_principal_that_no_record_describes_is_found_by_type_and_id() {
    assert_eq!(names("grants -p user/ghost"), ["group:ops:member:user:ghost"]);
    assert_eq!(names("entitlements -p user/ghost"), ["group:ops:member"]);
    let access = run("access user/ghost -f company.c1z").ok();
    assert_eq!(access.lines(), ["ghost (User)", "└─ Operations (Group)", "   └─ member"]);
}

#[test]
fn a_resource_that_the_sync_lacks_is_an_empty_answer_with_a_warning() {
    let output = run("resources -p user/ghost -o name -f company.c1z").ok();
    assert_eq!(output.stdout, "");
    assert!(output.warning().contains("user/ghost"), "{}", output.stderr);
}

#[test]
fn an_unknown_name_hears_what_may_have_been_meant() {
    for (who, meant) in [
        ("ada@corp.exmple", "ada@corp.example"),
        ("Ada Lovelase", "Ada Lovelace"),
        ("user/adda", "user/ada"),
        ("usr/ada", "user/ada"),
    ] {
        for command in ["grants -p", "entitlements -p", "resources -p", "access"] {
            let error = run(&format!("{command} '{who}' -f company.c1z")).failed();
            assert!(error.contains(who), "{error}");
            assert!(error.lines().any(|line| line.starts_with("hint: ") && line.contains(meant)), "{error}");
        }
    }
    let error = run("grants -p zzzzzzzzzzzz -f company.c1z").failed();
    assert!(error.contains("hint: "), "there is always something to do next: {error}");
}

#[test]
fn a_name_of_several_is_an_error_that_lists_them() {
    // A second user with every address and the name of the first, but another id and login.
    let (_file, path) = edited(
        "INSERT INTO v1_resources (resource_type_id, external_id, data, sync_id, discovered_at)
         SELECT resource_type_id, 'user:eve', CAST(replace(CAST(data AS TEXT), char(3) || 'ada', char(3) || 'eve') \
         AS BLOB), sync_id, discovered_at FROM v1_resources WHERE external_id = 'user:ada';",
    );
    for who in ["ada@corp.example", "COUNTESS@corp.example", "Ada Lovelace"] {
        for command in ["grants -p", "resources -p", "entitlements -p", "access"] {
            let error = run(&format!("{command} '{who}' -f {path}")).failed();
            assert!(error.contains(who) && error.contains("user/ada, user/eve"), "{error}");
            assert!(error.contains("hint: "), "{error}");
        }
    }
    for who in ["ada", "user/ada"] {
        assert_eq!(run(&format!("grants -p {who} -o name -f {path}")).ok().lines().len(), 6, "{who}");
    }
    assert_eq!(run(&format!("resources -p eve -o name -f {path}")).ok().stdout, "user/eve\n");
}

#[test]
fn an_id_comes_before_a_name() {
    // Zoë takes the name of the robot's type and id.
    let (_file, path) = edited(
        "UPDATE v1_resources SET data = CAST(replace(CAST(data AS TEXT), 'Zoë Ångström', 'user/svc:deploy') \
         AS BLOB) WHERE external_id = 'user:zoe';",
    );
    let found =
        |who: &str| run(&format!("resources -p {who} --columns id,name -o csv --no-headers -f {path}")).ok();
    assert_eq!(found("zoe").stdout, "zoe,user/svc:deploy\n");
    assert_eq!(found("user/svc:deploy").stdout, "svc:deploy,Deploy Robot\n");
}
