//! The consumer in each language, as far as this machine has what it needs.

use std::path::{Path, PathBuf};

use anyhow::bail;
use tokio::process::Command;

use crate::process::Place;

/// Prints the path of Node.js, if it has jose and reads TypeScript as it is.
const NODE: &str = "import 'jose'; if (!process.features.typescript) process.exit(1); console.log(process.execPath)";
/// Prints the path of Python, if it has what the consumer uses of PyJWT.
const PYTHON: &str =
    "import sys, cryptography; from jwt import PyJWKClientConnectionError, decode_complete; print(sys.executable)";

/// What becomes of a consumer that cannot be started here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// It is told, and left out.
    IsTold,
    /// The demonstration fails.
    IsAnError,
}

/// A consumer that can be started here.
pub(crate) struct Program {
    pub(crate) language: &'static str,
    folder: PathBuf,
    program: PathBuf,
    script: Option<&'static str>,
}

/// A consumer that needs what does not come with Rust.
struct Script {
    language: &'static str,
    folder: &'static str,
    name: &'static str,
    /// Prints what runs the script, where everything that it needs is there.
    probe: &'static [&'static str],
    install: &'static str,
}

const SCRIPTS: [Script; 2] = [
    Script {
        language: "TypeScript, with jose",
        folder: "typescript",
        name: "consumer.ts",
        probe: &["node", "--input-type=module", "--eval", NODE],
        install: "install Node.js 24 and run `npm ci --prefix examples/consumer/typescript`",
    },
    Script {
        language: "Python, with PyJWT",
        folder: "python",
        name: "consumer.py",
        probe: &["python3", "-c", PYTHON],
        install: "install Python 3 and run `pip install -r examples/consumer/python/requirements.txt`",
    },
];

impl Program {
    /// Starts it.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(self.script).current_dir(&self.folder);
        command
    }
}

impl Script {
    /// The script with the interpreter itself: what is called `node` may be a wrapper, which leaves it behind when it is ended.
    async fn found(&self) -> Option<Program> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("consumer").join(self.folder);
        let probe = Command::new(self.probe[0]).args(&self.probe[1..]).current_dir(&folder).output().await.ok()?;
        let interpreter = String::from_utf8(probe.stdout).ok().filter(|_| probe.status.success())?;
        let program = PathBuf::from(interpreter.trim());
        Some(Program { language: self.language, folder, program, script: Some(self.name) })
    }
}

/// The consumers that can be started here.
pub(crate) async fn consumers(place: &Place, missing: Missing) -> anyhow::Result<Vec<Program>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let program = place.program_path("consumer");
    let mut found = vec![Program { language: "Rust, with jwksd-verifier on axum", folder, program, script: None }];
    for script in SCRIPTS {
        if let Some(program) = script.found().await {
            found.push(program);
            continue;
        }
        let told = format!("{}: left out, since not all that it needs is here; {}", script.language, script.install);
        if missing == Missing::IsAnError {
            bail!(told);
        }
        println!("\n{told}");
    }
    Ok(found)
}
