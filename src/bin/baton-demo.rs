//! The `baton-demo` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    baton::runner::demo_main()
}
