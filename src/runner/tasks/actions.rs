//! Actions of the connector's own.

use prost_types::Struct;

use super::{Context, json, refuse_alone, syncer, unable};
use crate::model::descriptor::{C1_CONNECTOR_V2_LISTACTIONSCHEMASRESPONSE, GOOGLE_PROTOBUF_STRUCT};
use crate::model::near::Near;
use crate::model::v2;
use crate::runner::config::Config;
use crate::runner::flags::Asking;
use crate::sync::{Answer, Code, Registry};
use crate::ui::CommandError;

/// Run this action.
#[derive(Debug, PartialEq)]
pub(in crate::runner) struct Invoke {
    name: String,
    arguments: Struct,
    kind: Option<String>,
}

impl Invoke {
    pub(super) fn choose(flags: &Asking, config: &Config) -> Result<Option<Self>, CommandError> {
        let Some(name) = config.find(&flags.action) else {
            if config.is_given(&flags.action) {
                return Err(CommandError::usage(format!("{} is empty", config.origin(&flags.action))));
            }
            refuse_alone(config, &flags.arguments, "--invoke-action")?;
            refuse_alone(config, &flags.action_type, "--invoke-action")?;
            return Ok(None);
        };
        let arguments = json::object(&config.origin(&flags.arguments), &config.get(&flags.arguments))?;
        Ok(Some(Self { name, arguments, kind: config.find(&flags.action_type) }))
    }

    /// Prints the answer of the action. Once only, for nobody knows what it does.
    pub(super) fn run(self, context: &mut Context<'_>) -> Result<(), CommandError> {
        let registry = Registry::of(context.connector)?;
        let actions = match &self.kind {
            Some(kind) => syncer(&registry, kind)?.actions(),
            None => context.connector.actions(),
        };
        let answer = match actions.map(|actions| actions.invoke(&self.name, &self.arguments)) {
            Some(Ok(answer)) => answer,
            Some(Err(error)) if error.code() != Code::NotFound => return Err(error.into()),
            Some(Err(error)) => return Err(self.explain(&schemas(context, &registry)?, error.into())),
            None => {
                let whose = match &self.kind {
                    Some(kind) => format!(" on resources of the type {kind:?}"),
                    None => " that belong to no resource type".to_owned(),
                };
                let error = unable(format!("the connector has no actions{whose}"));
                return Err(self.explain(&schemas(context, &registry)?, error));
            }
        };
        log::info!("Ran the action {}", self.name);
        print(context, &json::line(&GOOGLE_PROTOBUF_STRUCT, &answer))
    }

    /// Adds the names of actions, if it may have been the name or the type that was not found.
    fn explain(&self, schemas: &[v2::BatonActionSchema], error: CommandError) -> CommandError {
        let kind = self.kind.as_deref().unwrap_or_default();
        let mut namesakes = schemas.iter().filter(|schema| schema.name == self.name).peekable();
        if namesakes.peek().is_none() {
            let mut near = Near::of(&self.name);
            schemas.iter().for_each(|schema| near.add(schema.name.clone()));
            return error.hint("--list-action-schemas lists what there is").did_you_mean(&near.finish());
        }
        if namesakes.clone().any(|schema| schema.resource_type_id == kind) {
            return error;
        }
        let kinds: Vec<&str> = namesakes.map(|schema| &*schema.resource_type_id).collect();
        match kinds.contains(&"") {
            true => {
                error.hint("it is an action of no resource type: leave --invoke-action-resource-type out")
            }
            false => error.hint(format!("say --invoke-action-resource-type {}", kinds.join(" or "))),
        }
    }
}

/// Prints all actions, with what they take and return.
pub(super) fn list(context: &mut Context<'_>) -> Result<(), CommandError> {
    let registry = Registry::of(context.connector)?;
    let schemas = schemas(context, &registry)?;
    let all = v2::ListActionSchemasResponse { schemas, ..Default::default() };
    print(context, &json::line(&C1_CONNECTOR_V2_LISTACTIONSCHEMASRESPONSE, &all))
}

/// Those of the connector, then those of its types, which carry the id of the type.
fn schemas(context: &Context<'_>, registry: &Registry<'_>) -> Answer<Vec<v2::BatonActionSchema>> {
    let mut schemas = match context.connector.actions() {
        Some(actions) => actions.schemas()?,
        None => Vec::new(),
    };
    for (kind, syncer) in registry.syncers() {
        let Some(actions) = syncer.actions() else { continue };
        for mut schema in actions.schemas()? {
            schema.resource_type_id.clone_from(&kind.id);
            schemas.push(schema);
        }
    }
    Ok(schemas)
}

fn print(context: &mut Context<'_>, line: &[u8]) -> Result<(), CommandError> {
    context.out.write_all(line)?;
    context.out.write_all(b"\n")?;
    Ok(context.out.flush()?)
}
