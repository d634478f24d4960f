//! The words for enum values, as in lists.

use serde_json::Value;

/// `STATUS_ENABLED` becomes `enabled`: what stands behind `marker`, in lower case. A number of the future stays one.
pub(super) fn word(marker: &str, value: Value) -> Value {
    let Some(name) = value.as_str() else { return value };
    match name.find(marker).and_then(|place| name.get(place + marker.len()..)) {
        // An agent that is ready is one in use.
        Some("READY") if name == "AGENT_STATUS_READY" => Value::from("enabled"),
        Some(rest) => Value::from(rest.to_ascii_lowercase()),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_lists() {
        for (marker, name, expected) in [
            ("STATUS_", "RESOURCE_STATUS_ENABLED", "enabled"),
            ("STATUS_", "STATUS_DISABLED", "disabled"),
            ("STATUS_", "AGENT_STATUS_READY", "enabled"),
            ("STATUS_", "AGENT_STATUS_DELETED", "deleted"),
            ("ACCOUNT_TYPE_", "ACCOUNT_TYPE_HUMAN", "human"),
            ("TRAIT_", "TRAIT_SECURITY_INSIGHT", "security_insight"),
            ("PURPOSE_VALUE_", "PURPOSE_VALUE_ASSIGNMENT", "assignment"),
            ("STATUS_", "OTHER", "OTHER"),
        ] {
            assert_eq!(word(marker, Value::from(name)), Value::from(expected));
        }
        assert_eq!(word("STATUS_", Value::from(7)), Value::from(7));
    }
}
