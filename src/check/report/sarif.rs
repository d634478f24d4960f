//! `-o sarif`: the Static Analysis Results Interchange Format 2.1.0, which dashboards for code scanning read.
//!
//! ```text
//! {"version":"2.1.0","runs":[{"tool":{"driver":{…,"rules":[rule,…]}},
//!   "results":[result,…],
//!   "invocations":[{"executionSuccessful":true}],"columnKind":"utf16CodeUnits"}]}⏎
//! ```
//!
//! Every rule is described, so that `ruleIndex` is a place in [`RULES`] whatever was asked for. A result is at the first
//! line of the file that was checked, because dashboards refuse results without a line, and names its records as logical
//! locations. Its fingerprint is made of the code and the first record: it outlives a new wording, and a new sync.

use std::collections::HashMap;
use std::hash::Hasher as _;
use std::io::{self, Write};

use serde_json::{Value, json};
use twox_hash::XxHash64;

use super::super::{Finding, RULES, Record, Rule};
use super::{Report, Summary, fingerprint};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes findings as SARIF.
pub struct Sarif<'w> {
    out: &'w mut dyn Write,
    /// The file that was checked, as a URI.
    uri: String,
    open: bool,
    started: bool,
    /// How often each fingerprint came, of the rule at hand.
    prints: HashMap<u64, u32>,
    code: &'static str,
}

impl<'w> Sarif<'w> {
    /// `file` is the path of the file that is checked, as it was given; `out` should be buffered. Findings of one rule
    /// must come together.
    pub fn new(file: &str, out: &'w mut dyn Write) -> Self {
        Self { out, uri: uri(file), open: false, started: false, prints: HashMap::new(), code: "" }
    }

    /// The fingerprint, as dashboards expect it: a hash in hexadecimal, and how often it came so far.
    fn print(&mut self, finding: &Finding) -> String {
        if self.code != finding.rule.code {
            self.code = finding.rule.code;
            self.prints.clear();
        }
        let mut hasher = XxHash64::with_seed(0);
        hasher.write(fingerprint(finding).as_bytes());
        let hash = hasher.finish();
        let number = self.prints.entry(hash).or_default();
        *number += 1;
        format!("{hash:016x}:{number}")
    }

    fn start(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.started, true) {
            return Ok(());
        }
        write!(self.out, "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":")?;
        self.out.write_all(tool().to_string().as_bytes())?;
        self.out.write_all(b",\"results\":[")
    }
}

impl Report for Sarif<'_> {
    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.start()?;
        if std::mem::replace(&mut self.open, true) {
            self.out.write_all(b",")?;
        }
        let print = self.print(&finding);
        self.out.write_all(result(&finding, &self.uri, &print).to_string().as_bytes())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.start()?;
        let mut invocation = json!({ "executionSuccessful": summary.unread.is_none() });
        if let (Some(unread), Some(members)) = (&summary.unread, invocation.as_object_mut()) {
            let notification = json!([{ "level": "error", "message": { "text": unread } }]);
            members.insert("toolExecutionNotifications".into(), notification);
        }
        writeln!(self.out, "],\"invocations\":[{invocation}],\"columnKind\":\"utf16CodeUnits\"}}]}}")?;
        self.out.flush()
    }
}

fn tool() -> Value {
    let version = env!("CARGO_PKG_VERSION");
    let mut driver = json!({
        "name": "baton check",
        "version": version,
        "semanticVersion": version,
        "rules": RULES.iter().map(described).collect::<Vec<_>>(),
    });
    let address = option_env!("CARGO_PKG_REPOSITORY").filter(|address| !address.is_empty());
    if let (Some(address), Some(members)) = (address, driver.as_object_mut()) {
        members.insert("informationUri".into(), address.into());
    }
    json!({ "driver": driver })
}

fn described(rule: &Rule) -> Value {
    let title = capital(rule.title);
    json!({
        "id": rule.code,
        "name": rule.code,
        "shortDescription": { "text": title },
        "fullDescription": { "text": format!("{title}. {}", rule.advice) },
        "help": {
            "text": rule.advice,
            "markdown": format!("{}\n\nTo pass over it: `baton check --skip {}`.", rule.advice, rule.code),
        },
        "defaultConfiguration": { "level": rule.severity.name() },
        "properties": { "tags": ["access"] },
    })
}

/// The phrase with a capital letter.
fn capital(phrase: &str) -> String {
    let mut rest = phrase.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

fn result(finding: &Finding, uri: &str, print: &str) -> Value {
    let code = finding.rule.code;
    json!({
        "ruleId": code,
        "ruleIndex": RULES.iter().position(|rule| rule.code == code),
        "level": finding.rule.severity.name(),
        "message": { "text": finding.message },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri },
                "region": { "startLine": 1 },
            },
            "logicalLocations": finding.records.iter().map(logical).collect::<Vec<_>>(),
        }],
        "partialFingerprints": { "primaryLocationLineHash": print },
    })
}

fn logical(record: &Record) -> Value {
    json!({
        "name": record.id,
        "fullyQualifiedName": format!("{}:{}", record.kind.name(), record.id),
        "kind": record.kind.name(),
    })
}

/// A path as a URI: relative as it was given, so that it is the same on every machine; absolute with its scheme.
fn uri(path: &str) -> String {
    if path == "-" {
        return "stdin".to_owned();
    }
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let drive = cfg!(windows) && path.as_bytes().get(1) == Some(&b':');
    let mut uri = match (path.starts_with('/'), drive) {
        (true, _) => "file://".to_owned(),
        (false, true) => "file:///".to_owned(),
        (false, false) => String::new(),
    };
    for byte in path.strip_prefix("./").unwrap_or(&path).bytes() {
        match byte {
            b':' if drive => uri.push(':'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::super::super::Severity;
    use super::super::testing::{finding, rule, tell};
    use super::*;

    fn print(file: &str, findings: &[Finding]) -> Value {
        let mut out = Vec::new();
        tell(&mut Sarif::new(file, &mut out), findings);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn results_point_at_their_rules_and_records() {
        let rule = rule(Severity::Warning);
        let document = print("out/sync.c1z", &[finding(rule, "a"), finding(rule, "b")]);
        let run = &document["runs"][0];
        let result = &run["results"][1];
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], rule.code);
        assert_eq!(result["ruleId"], rule.code);
        assert_eq!(result["level"], "warning");
        let location = &result["locations"][0];
        assert_eq!(location["physicalLocation"]["artifactLocation"]["uri"], "out/sync.c1z");
        assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "grant:b");
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    }

    #[test]
    fn no_finding_is_a_run_without_results() {
        let document = print("sync.c1z", &[]);
        assert_eq!(document["runs"][0]["results"], json!([]));
        assert_eq!(document["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), RULES.len());
    }

    #[test]
    fn rows_that_could_not_be_read_are_told() {
        let mut out = Vec::new();
        let mut summary = super::super::testing::summary(super::super::Tally::default());
        summary.unread = Some("1 row".into());
        Sarif::new("sync.c1z", &mut out).finish(&summary).unwrap();
        let document: Value = serde_json::from_slice(&out).unwrap();
        let invocation = &document["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        assert_eq!(invocation["toolExecutionNotifications"][0]["message"]["text"], "1 row");
    }

    #[test]
    fn fingerprints_tell_records_apart_and_leave_the_wording_out() {
        let rule = rule(Severity::Error);
        let (a, b) = (finding(rule, "a"), finding(rule, "b"));
        let reworded = Finding { message: "otherwise".into(), ..a.clone() };
        let prints = |findings: &[Finding]| {
            let document = print("sync.c1z", findings);
            let results = document["runs"][0]["results"].as_array().unwrap().iter();
            let print = |result: &Value| {
                result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap().to_owned()
            };
            results.map(print).collect::<Vec<_>>()
        };
        let first = prints(&[a.clone(), b.clone(), a.clone()]);
        assert_eq!(prints(&[reworded]), first[..1]);
        assert_ne!(first[0], first[1]);
        assert_eq!(first[0].replace(":1", ":2"), first[2], "a second one of the same record is another one");
        assert!(first[0].ends_with(":1") && first[0].len() == 18);
    }

    #[test]
    #[cfg(unix)]
    fn paths_become_uris() {
        for (path, shown) in [
            ("sync.c1z", "sync.c1z"),
            ("-", "stdin"),
            ("./a b/ü.c1z", "a%20b/%C3%BC.c1z"),
            ("../x:y#1%.c1z", "../x%3Ay%231%25.c1z"),
            ("/tmp/sync.c1z", "file:///tmp/sync.c1z"),
        ] {
            assert_eq!(uri(path), shown);
        }
    }
}
