//! Actions: what can be done beside granting and creating.
//!
//! `disable_user` and `enable_user` belong to the type `user`; `statistics` belongs to no type.

use prost_types::{Struct, value};

use super::state::Kind;
use super::users::Users;
use super::{Demo, invalid};
use crate::model::proto::c1::config::v1::{BoolField, Field, IntField, StringField, field};
use crate::model::v2::{ActionType, BatonActionSchema};
use crate::sync::build;
use crate::sync::{Actions, Answer, Code, ConnectorError};

impl Actions for Users<'_> {
    fn schemas(&self) -> Answer<Vec<BatonActionSchema>> {
        let user = || required(text("user_id", "User", "The id of the user"));
        let reason = || required(text("reason", "Reason", "Why, for whoever looks at the user"));
        let changed = || truth("changed", "Changed", "Whether that was not so before");
        let of_users = |name: &str, title: &str, words: &str, kind: ActionType| BatonActionSchema {
            resource_type_id: Kind::User.word().into(),
            action_type: vec![kind.into()],
            return_types: vec![changed()],
            ..schema(name, title, words)
        };
        Ok(vec![
            BatonActionSchema {
                arguments: vec![user(), reason()],
                ..of_users(
                    "disable_user",
                    "Disable user",
                    "Keeps a user from signing in",
                    ActionType::AccountDisable,
                )
            },
            BatonActionSchema {
                arguments: vec![user()],
                ..of_users(
                    "enable_user",
                    "Enable user",
                    "Lets a user sign in again",
                    ActionType::AccountEnable,
                )
            },
        ])
    }

    fn invoke(&self, name: &str, arguments: &Struct) -> Answer<Struct> {
        let user = || argument(arguments, "user_id");
        let changed = match name {
            "disable_user" => self.0.state.disable(user()?, Some(argument(arguments, "reason")?)),
            "enable_user" => self.0.state.disable(user()?, None),
            _ => Err(unknown(name)),
        };
        Ok(build::profile([("changed", changed?.into())]))
    }
}

impl Actions for Demo {
    fn schemas(&self) -> Answer<Vec<BatonActionSchema>> {
        let mut counts: Vec<_> = Kind::ALL.into_iter().map(|kind| number(kind.plural())).collect();
        counts.push(number("grants"));
        Ok(vec![BatonActionSchema {
            action_type: vec![ActionType::Dynamic.into()],
            return_types: counts,
            ..schema("statistics", "Statistics", "Counts what there is, before grants are expanded")
        }])
    }

    fn invoke(&self, name: &str, _: &Struct) -> Answer<Struct> {
        if name != "statistics" {
            return Err(unknown(name));
        }
        let mut counts = vec![("grants", self.state.count_held()?.into())];
        for kind in Kind::ALL {
            counts.push((kind.plural(), self.state.count(kind)?.into()));
        }
        Ok(build::profile(counts))
    }
}

fn unknown(name: &str) -> ConnectorError {
    ConnectorError::new(Code::NotFound, format!("there is no action {name:?}"))
}

/// An argument, which must be a text that says something.
fn argument<'a>(arguments: &'a Struct, name: &str) -> Answer<&'a str> {
    match arguments.fields.get(name).and_then(|value| value.kind.as_ref()) {
        Some(value::Kind::StringValue(text)) if !text.is_empty() => Ok(text),
        Some(value::Kind::StringValue(_)) | None => Err(invalid(format!("the argument {name:?} is missing"))),
        Some(_) => Err(invalid(format!("the argument {name:?} is not a text"))),
    }
}

fn schema(name: &str, title: &str, words: &str) -> BatonActionSchema {
    BatonActionSchema {
        name: name.into(),
        display_name: title.into(),
        description: words.into(),
        ..Default::default()
    }
}

fn text(name: &str, title: &str, words: &str) -> Field {
    described(name, title, words, field::Field::StringField(StringField::default()))
}

fn truth(name: &str, title: &str, words: &str) -> Field {
    described(name, title, words, field::Field::BoolField(BoolField::default()))
}

fn number(name: &str) -> Field {
    let words = format!("How many {name} there are");
    described(name, name, &words, field::Field::IntField(IntField::default()))
}

fn described(name: &str, title: &str, words: &str, kind: field::Field) -> Field {
    Field {
        name: name.into(),
        display_name: title.into(),
        description: words.into(),
        field: Some(kind),
        ..Default::default()
    }
}

fn required(field: Field) -> Field {
    Field { is_required: true, ..field }
}
