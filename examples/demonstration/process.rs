//! What is started: jwksd and the services, each on a free port, and ended when nobody holds it any more.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{env, fs};

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{sleep, timeout};

use crate::stage::{PATIENCE, PAUSE, shortened};

/// The folder in which jwksd keeps its files, and where the programs are.
pub(crate) struct Place {
    folder: PathBuf,
    programs: PathBuf,
}

/// A program that runs until this is dropped.
pub(crate) struct Running {
    child: Child,
    /// Where it listens.
    pub(crate) url: String,
    /// Kept open, for what else it has to say.
    _output: Option<BufReader<ChildStdout>>,
}

impl Place {
    /// The programs are beside this one, where cargo has put them all.
    pub(crate) fn new(folder: &Path) -> anyhow::Result<Self> {
        let own = env::current_exe().context("cannot tell where the programs are")?;
        let programs = own.parent().context("a program is in a folder")?.to_owned();
        Ok(Self { folder: folder.to_owned(), programs })
    }

    /// A program that was built beside this one.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.program_path(name))
    }

    /// Where that program is.
    pub(crate) fn program_path(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// jwksd as it is by itself, whatever else is configured on this machine.
    fn jwksd(&self, arguments: &[&str]) -> Command {
        let mut command = self.program("jwksd");
        command.args(arguments).current_dir(&self.folder).env_clear().env("HOME", &self.folder);
        command.envs(env::var_os("PATH").map(|path| ("PATH", path)));
        command
    }

    /// Runs a command of jwksd to its end; prints and answers what it prints.
    pub(crate) async fn run_jwksd(&self, arguments: &[&str]) -> anyhow::Result<String> {
        println!("  $ jwksd {}", arguments.join(" "));
        run(self.jwksd(arguments)).await
    }

    /// Starts the server and waits until it listens.
    pub(crate) async fn serve(&self) -> anyhow::Result<Running> {
        println!("  $ jwksd serve");
        let log = fs::File::create(self.folder.join("server.log"))?;
        let mut command = self.jwksd(&["serve", "--listen", "127.0.0.1:0", "--ready-file", "ready"]);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        let mut child = command.spawn().context("jwksd was not built: run examples/run")?;
        let ready = self.folder.join("ready");
        let listening = async {
            loop {
                match fs::read_to_string(&ready) {
                    Ok(url) if url.ends_with('\n') => return url.trim().to_owned(),
                    _ => sleep(PAUSE).await,
                }
            }
        };
        let url = tokio::select! {
            url = timeout(PATIENCE, listening) => url.context("jwksd does not listen")?,
            ended = child.wait() => bail!("jwksd ended with {}: {}", ended?, self.log()),
        };
        println!("      listening at {url}");
        Ok(Running { child, url, _output: None })
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("server.log")).unwrap_or_default()
    }
}

impl Running {
    /// Starts a service on a free port and waits until it says where it listens.
    pub(crate) async fn start(mut command: Command, issuer: &str) -> anyhow::Result<Self> {
        let name = shown(command.as_std().get_program());
        let arguments = command.as_std().get_args().map(shown);
        println!("  $ ISSUER={issuer} {}", [name.clone()].into_iter().chain(arguments).collect::<Vec<_>>().join(" "));
        command.env("ISSUER", issuer).env("PORT", "0").stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("{name} cannot be started"))?;
        let mut output = BufReader::new(child.stdout.take().context("the output is piped")?);
        let mut line = String::new();
        timeout(PATIENCE, output.read_line(&mut line)).await.with_context(|| format!("{name} does not listen"))??;
        let url = line.trim().strip_prefix("listening at ").with_context(|| format!("{name} does not say where"))?;
        println!("      listening at {url}");
        Ok(Self { child, url: url.to_owned(), _output: Some(output) })
    }

    /// Asks it to stop, as a service manager does, and waits for it.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let pid = self.child.id().context("it has ended already")?;
        let told = Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]).status().await?;
        ensure!(told.success(), "the signal was not sent");
        let ended = timeout(PATIENCE, self.child.wait()).await.context("it does not stop")??;
        ensure!(ended.success(), "it stopped with {ended}");
        Ok(())
    }
}

/// Runs a command to its end; prints and answers what it prints.
pub(crate) async fn run(mut command: Command) -> anyhow::Result<String> {
    let name = shown(command.as_std().get_program());
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, command.output()).await.with_context(|| format!("{name} does not end"))??;
    let text = String::from_utf8(output.stdout)?;
    for line in text.lines() {
        println!("      {}", shortened(line));
    }
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} ended with {}: {told}", output.status);
    Ok(text)
}

/// The name of a file without its folder.
fn shown(path: &OsStr) -> String {
    Path::new(path).file_name().unwrap_or(path).to_string_lossy().into_owned()
}
