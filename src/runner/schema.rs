//! The fields of a connector as `config_schema.json` has them: protojson of a `c1.config.v1.Configuration`.

use super::Runner;
use super::field::{Rules, Spec};
use super::flags::Common;
use super::tasks::json;
use super::value::{Kind, Setting};
use crate::model::descriptor::C1_CONFIG_V1_CONFIGURATION;
use crate::model::proto::c1::config::v1::{self as config, field};
use crate::model::protojson;

/// The text of the file: the level of the log, which whoever operates connectors sets, and the connector's own fields.
pub(super) fn json(runner: &Runner, common: &Common) -> String {
    let level = config::Field { is_ops: true, ..describe(common.log.level.spec()) };
    let configuration = config::Configuration {
        fields: std::iter::once(level).chain(runner.specs().map(describe)).collect(),
        display_name: runner.title.clone(),
        help_url: runner.help_url.clone(),
        icon_url: runner.icon_url.clone(),
        ..config::Configuration::default()
    };
    let line = json::line(&C1_CONFIG_V1_CONFIGURATION, &configuration);
    format!("{}\n", protojson::indent(&String::from_utf8_lossy(&line)))
}

fn describe(spec: &Spec) -> config::Field {
    config::Field {
        name: spec.name.to_owned(),
        display_name: spec.label.clone(),
        description: spec.description.clone(),
        placeholder: spec.placeholder.clone(),
        is_required: spec.required,
        is_ops: false,
        is_secret: spec.secret,
        field: Some(typed(spec)),
    }
}

fn typed(spec: &Spec) -> field::Field {
    let default = if spec.secret { None } else { spec.default.clone() };
    let texts = || default.as_ref().map(Setting::texts).unwrap_or_default();
    match spec.kind {
        Kind::Text | Kind::Path => field::Field::StringField(config::StringField {
            default_value: texts().pop().unwrap_or_default(),
            rules: text_rules(spec),
            ..config::StringField::default()
        }),
        Kind::Flag => field::Field::BoolField(config::BoolField {
            default_value: default == Some(Setting::Flag(true)),
            ..config::BoolField::default()
        }),
        Kind::Number => field::Field::IntField(config::IntField {
            default_value: if let Some(Setting::Number(number)) = default { number } else { 0 },
            rules: number_rules(spec),
            ..config::IntField::default()
        }),
        Kind::List => field::Field::StringSliceField(config::StringSliceField {
            default_value: texts(),
            rules: list_rules(spec),
            ..config::StringSliceField::default()
        }),
    }
}

/// Whether there is anything to say.
fn any(spec: &Spec) -> bool {
    spec.required || spec.rules != Rules::default()
}

fn text_rules(spec: &Spec) -> Option<config::StringRules> {
    any(spec).then(|| config::StringRules {
        min_len: least(spec),
        max_len: most(spec),
        r#in: spec.rules.among.clone(),
        is_required: spec.required,
        ..config::StringRules::default()
    })
}

fn number_rules(spec: &Spec) -> Option<config::Int64Rules> {
    any(spec).then(|| config::Int64Rules {
        gte: spec.rules.range.as_ref().map(|range| *range.start()),
        lte: spec.rules.range.as_ref().map(|range| *range.end()),
        is_required: spec.required,
        ..config::Int64Rules::default()
    })
}

fn list_rules(spec: &Spec) -> Option<config::RepeatedStringRules> {
    let items = (!spec.rules.among.is_empty())
        .then(|| config::StringRules { r#in: spec.rules.among.clone(), ..config::StringRules::default() });
    any(spec).then(|| config::RepeatedStringRules {
        min_items: least(spec),
        max_items: most(spec),
        item_rules: items,
        is_required: spec.required,
        ..config::RepeatedStringRules::default()
    })
}

fn least(spec: &Spec) -> Option<u64> {
    spec.rules.range.as_ref().and_then(|range| u64::try_from(*range.start()).ok())
}

fn most(spec: &Spec) -> Option<u64> {
    spec.rules.range.as_ref().and_then(|range| u64::try_from(*range.end()).ok())
}

#[cfg(test)]
mod tests;
