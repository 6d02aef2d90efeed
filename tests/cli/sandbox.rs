//! An empty folder in which the program is run, and a client that knows just enough HTTP.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take that must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// An encryption key.
pub(crate) const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=";
/// Another one.
pub(crate) const OTHER_KEY: &str = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU=";
/// The database that is made where none is named.
pub(crate) const DATABASE: &str = "totally_not_my_privateKeys.db";

/// A folder of its own.
pub(crate) struct Sandbox {
    folder: Arc<tempfile::TempDir>,
    variables: Vec<(String, String)>,
    /// Where a server of this sandbox tells that it listens, and what it has to say.
    names: [&'static str; 2],
}

/// How a run ended.
pub(crate) struct Ended {
    /// The exit code; `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it answered.
    pub(crate) out: String,
    /// What it complained of.
    pub(crate) err: String,
}

/// A server that listens; killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: String,
    log: PathBuf,
}

impl Sandbox {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: Arc::new(tempfile::tempdir().unwrap()), variables: Vec::new(), names: ["ready", "log"] }
    }

    /// The same folder, for a second server.
    pub(crate) fn beside(&self) -> Self {
        Self { folder: Arc::clone(&self.folder), variables: self.variables.clone(), names: ["ready-2", "log-2"] }
    }

    /// The same with a variable in the environment of everything that is run.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A file of the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The names of all files.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with_input(arguments, "")
    }

    /// Runs the program to its end with something to read.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Ended::of(&child.wait_with_output().unwrap())
    }

    /// Runs the program to its end, which must be success, and answers what it wrote.
    pub(crate) fn answer(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.err);
        ended.out
    }

    /// Starts a server on a free port, and waits until it listens.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Server {
        let [ready_name, log_name] = self.names;
        let (ready, log) = (self.path(ready_name), self.path(log_name));
        let _none_yet = fs::remove_file(&ready);
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--ready-file", ready_name]);
        let file = fs::File::create(&log).unwrap();
        let mut child =
            command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(file).spawn().unwrap();
        let listens = within_patience(|| ready.exists() || child.try_wait().unwrap().is_some());
        let log_now = fs::read_to_string(&log).unwrap();
        assert!(listens && ready.exists(), "the server does not listen: {log_now}");
        let url = fs::read_to_string(&ready).unwrap();
        let address = url.trim_end().split_once("://").unwrap().1.to_owned();
        Server { child, address, log }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jwksd"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Ended {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// That it failed with this code, in this many lines that all say who complains.
    pub(crate) fn failed(&self, code: i32, lines: usize) -> &Self {
        assert_eq!(self.code, Some(code), "{}", self.err);
        assert_eq!(self.err.lines().count(), lines, "{}", self.err);
        assert!(self.err.lines().all(|line| line.starts_with("jwksd: ")), "{}", self.err);
        self
    }

    /// That it complained in these words.
    pub(crate) fn saying(&self, words: &str) -> &Self {
        assert!(self.err.contains(words), "{words:?} is not in: {}", self.err);
        self
    }
}

impl Server {
    /// Where it is, as others ask for it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The status and the body of the answer to a request.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        self.send(&format!("{method} {path}"), kind, body)
    }

    /// The same for a form that is posted.
    pub(crate) fn ask_with_form(&self, path: &str, form: &str) -> (u16, String) {
        self.send(&format!("POST {path}"), "Content-Type: application/x-www-form-urlencoded\r\n", form)
    }

    /// The same for whoever has that access token.
    pub(crate) fn ask_as(&self, token: &str, method: &str, path: &str, body: &str) -> (u16, String) {
        let fields = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
        self.send(&format!("{method} {path}"), &fields, body)
    }

    fn send(&self, request: &str, kind: &str, body: &str) -> (u16, String) {
        let mut stream = self.connect();
        let head = format!("{request} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        let length = body.len();
        stream.write_all(format!("{head}{kind}Content-Length: {length}\r\n\r\n{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    /// A connection to it.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Everything that it said so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("/bin/kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// Waits for the end of the process and answers its exit code.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        assert!(within_patience(|| self.child.try_wait().unwrap().is_some()), "still runs: {}", self.log());
        self.child.wait().unwrap().code()
    }

    /// Stops it as a service manager does.
    pub(crate) fn stop(mut self) {
        self.signal("TERM");
        assert_eq!(self.ended(), Some(0), "{}", self.log());
    }

    /// Ends it without a warning, as the kernel does when memory is short.
    pub(crate) fn kill(mut self) {
        self.signal("KILL");
        assert_eq!(self.ended(), None);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The first line that a stream sends.
pub(crate) fn first_line(stream: TcpStream) -> String {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// Looks again and again, a short while apart, until it is so or patience is out.
pub(crate) fn within_patience(mut is_so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if is_so() {
            return true;
        }
        thread::sleep(Duration::from_millis(5));
    }
    false
}
