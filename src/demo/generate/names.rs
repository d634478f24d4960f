//! Names of people, groups, roles and repositories that nobody has.
//!
//! Each is a function of a number. Numbers walk through all combinations of words before one comes again with
//! a counter behind it, so ids are never the same.

use super::plan::{Plan, Topic};
use super::words::{DEPARTMENTS, LANGUAGES, LEVELS, Language, Order, PARTS, TASKS, TEAMS, TOPICS, Word};

/// A prime: as a step it walks through every list of a length that it does not divide.
const STEP: u64 = 7_919;

/// The name of a person.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) given: Word,
    pub(super) family: Word,
    language: &'static Language,
    /// From 0: how often the name was there before.
    counter: u64,
}

impl Named {
    /// The family name of a person who has changed it so often.
    pub(super) fn family_after(&self, renames: u32) -> Word {
        let all = self.language.family;
        let now = all.iter().position(|word| *word == self.family).unwrap_or_default();
        all.get((now + renames as usize) % all.len()).copied().unwrap_or(self.family)
    }

    /// The name as it is shown, after so many changes.
    pub(super) fn shown(&self, renames: u32) -> String {
        let (given, family) = (self.given.1, self.family_after(renames).1);
        match self.language.order {
            Order::GivenFirst => format!("{given} {family}"),
            Order::FamilyFirst => format!("{family} {given}"),
            Order::Joined => format!("{family}{given}"),
        }
    }
}

impl Language {
    /// How many names it has.
    const fn people(&self) -> u64 {
        (self.given.len() * self.family.len()) as u64
    }
}

/// How many people there are before a name comes again.
const PEOPLE: u64 = {
    let mut sum = 0;
    let mut rest: &[Language] = &LANGUAGES;
    while let [language, more @ ..] = rest {
        sum += language.people();
        rest = more;
    }
    sum
};

/// Appends a counter from the second time on.
fn push_counter(out: &mut String, between: &str, counter: u64) {
    if counter > 0 {
        out.push_str(between);
        push_number(out, counter + 1);
    }
}

/// Appends a number.
pub(super) fn push_number(out: &mut String, number: u64) {
    out.push_str(itoa::Buffer::new().format(number));
}

/// One of a list, by a number below its length.
fn word(list: &[&'static str], index: u64) -> &'static str {
    list.get(index as usize).copied().unwrap_or_default()
}

/// `first-second`, then `first-second-2` …
fn push_pair(out: &mut String, first: &[&'static str], second: &[&'static str], number: u64) {
    let (many, all) = (second.len() as u64, (first.len() * second.len()) as u64);
    let index = number * STEP % all;
    out.push_str(word(first, index / many));
    out.push('-');
    out.push_str(word(second, index % many));
    push_counter(out, "-", number / all);
}

impl Plan {
    /// The name of the person of this number.
    pub(super) fn named(&self, number: u64) -> Named {
        let all = PEOPLE;
        // Every seed starts somewhere else.
        let start = self.chance(Topic::Name).below(all);
        let mut index = (number % all * STEP + start) % all;
        let mut languages = LANGUAGES.iter();
        let mut language = languages.next();
        while let Some(skipped) = language.filter(|language| index >= language.people()) {
            index -= skipped.people();
            language = languages.next();
        }
        let language = language.unwrap_or(&LANGUAGES[0]);
        let families = language.family.len() as u64;
        let at = |list: &'static [Word], index| list.get(index as usize).copied().unwrap_or_default();
        Named {
            given: at(language.given, index / families),
            family: at(language.family, index % families),
            language,
            counter: number / all,
        }
    }

    /// Whether the account of this number belongs to a program.
    pub(super) fn is_service(&self, number: u64) -> bool {
        self.chance(Topic::Person).of(number).of(0).percent(3)
    }

    /// What the program does whose account this is.
    pub(super) fn task(&self, number: u64) -> &'static str {
        word(&TASKS, number % TASKS.len() as u64)
    }

    /// Appends the login of the person of this number, which is the id too.
    pub(super) fn push_login(&self, out: &mut String, number: u64) {
        if self.is_service(number) {
            out.push_str("svc-");
            out.push_str(self.task(number));
            out.push('-');
            return push_number(out, number);
        }
        let named = self.named(number);
        out.push_str(named.given.0);
        out.push('.');
        out.push_str(named.family.0);
        push_counter(out, "", named.counter);
    }
}

/// Appends the id of a group.
pub(super) fn push_group(out: &mut String, group: u32) {
    match (DEPARTMENTS.get(group as usize), u64::from(group)) {
        (Some(name), _) => out.push_str(name),
        (None, group) => push_pair(out, &TOPICS, &TEAMS, group - DEPARTMENTS.len() as u64),
    }
}

/// Appends the id of a role.
pub(super) fn push_role(out: &mut String, role: u32) {
    push_pair(out, &TOPICS, &LEVELS, role.into());
}

/// Appends the id of a repository.
pub(super) fn push_repo(out: &mut String, repo: u32) {
    push_pair(out, &TOPICS, &PARTS, repo.into());
}

/// An id as it is shown: `fraud-reviewers` becomes `Fraud Reviewers`.
pub(super) fn title(id: &str) -> String {
    let mut title = String::with_capacity(id.len());
    let mut first = true;
    for letter in id.chars() {
        match (letter, first) {
            ('-', _) => title.push(' '),
            (letter, true) => title.push(letter.to_ascii_uppercase()),
            (letter, false) => title.push(letter),
        }
        first = letter == '-';
    }
    title
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::Company;
    use super::*;

    fn all_differ(count: u32, push: impl Fn(&mut String, u32)) {
        let mut seen = HashSet::new();
        for number in 0..count {
            let mut id = String::new();
            push(&mut id, number);
            assert!(id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')), "{id}");
            assert!(seen.insert(id.clone()), "{id} is there twice");
        }
    }

    #[test]
    fn no_two_have_one_name() {
        for seed in [1, 99] {
            let plan = Plan::new(&Company { seed, ..Company::default() }).unwrap();
            all_differ(30_000, |out, number| plan.push_login(out, number.into()));
        }
        all_differ(5_000, push_group);
        all_differ(5_000, push_role);
        all_differ(5_000, push_repo);
    }

    #[test]
    fn the_first_people_have_plain_logins() {
        let plan = Plan::new(&Company::default()).unwrap();
        for number in (0..PEOPLE).filter(|number| !plan.is_service(*number)) {
            let mut login = String::new();
            plan.push_login(&mut login, number);
            assert!(login.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'.'), "{login}");
        }
    }

    #[test]
    fn names_are_put_together_as_their_language_does() {
        let plan = Plan::new(&Company::default()).unwrap();
        let shown: HashSet<String> = (0..PEOPLE).map(|number| plan.named(number).shown(0)).collect();
        for name in ["Alice Archer", "Lucía García", "山田 雪", "王小明", "فاطمة حداد", "Дмитрий Шевчук"]
        {
            assert!(shown.contains(name), "{name}");
        }
        let named = plan.named(0);
        assert_ne!(named.shown(0), named.shown(1));
        assert_eq!(title("fraud-reviewers-2"), "Fraud Reviewers 2");
    }
}
