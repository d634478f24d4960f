//! Tests of the tasks and of what asks for them.

mod accounts;
mod asking;
mod changes;
mod choosing;
mod syncs;

const GRANT: [&str; 3] =
    ["--grant-entitlement=group:eng:member", "--grant-principal=grace", "--grant-principal-type=user"];
const REVOKE: [&str; 1] = ["--revoke-grant=group:eng:member:user:ada"];
const DELETE: [&str; 2] = ["--delete-resource=ada", "--delete-resource-type=user"];
const ROTATE: [&str; 2] = ["--rotate-credentials=ada", "--rotate-credentials-type=user"];
const ACCOUNT: [&str; 2] = ["--create-account-login=joan", "--create-account-email=joan@corp.example"];
