//! Whether time tells who is known: every way in, tried for names that nobody has and for users and clients that are not let in,
//! by lot, in one process, with hashes made cheap, so that nothing hides behind them.
//!
//! `tests/timing`, or `cargo bench --bench timing`

mod door;
mod kind;
mod known;
mod welch;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use jwksd::compose::{self, Mailing, Ports, Stores};
use jwksd::config::{Config, Surroundings};
use jwksd::{App, encryption};
use jwksd_testkit::FakeMailer;
use poem::{Endpoint, EndpointExt};
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use door::Door;
use kind::Kind;
use known::Known;
use welch::{Welch, welch};

/// How many requests of both kinds together, interleaved.
const REQUESTS: usize = 2000;
/// How many come before, which count for nothing.
const WARM_UP: usize = 200;
/// From where on a difference is one: two runs of the same kind come so far once in a hundred thousand times.
const LIMIT: f64 = 4.5;

fn main() -> anyhow::Result<ExitCode> {
    let runtime = Runtime::new()?;
    let folder = tempfile::tempdir()?;
    println!("{REQUESTS} requests each, of two kinds by lot; the slowest twentieth is left out.");
    println!("Against names that nobody has; `nobody` against `nobody` is the yardstick.\n");
    println!("{:25} {:24} {:>9} {:>8} {:>7}", "route", "who", "slower by", "t", "df");
    let told = runtime.block_on(measure(folder.path()))?;
    match told {
        0 => println!("\nNobody is told from nobody: no t is beyond {LIMIT}."),
        told => println!("\n{told} of these can be told apart: t is beyond {LIMIT}."),
    }
    Ok(if told == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Measures every door over SQLite in `folder`; answers how many differences there are.
async fn measure(folder: &Path) -> anyhow::Result<usize> {
    let app = app(config(folder)?).await?;
    let known = Known::new(app.ports().clone()).await?;
    for (door, first) in Door::ALL.into_iter().zip((0..).step_by(WARM_UP + REQUESTS)) {
        for kind in &Kind::of(door.subject())[1..] {
            known.add(door.subject(), *kind, first..first + WARM_UP + REQUESTS).await?;
        }
    }
    app.use_cases().decoys.refresh().await?;
    let endpoint = Arc::new(app.endpoint().map_to_response());
    let (mut told, mut of_nobody) = (0, 0);
    for (door, first) in Door::ALL.into_iter().zip((0..).step_by(WARM_UP + REQUESTS)) {
        for kind in Kind::of(door.subject()) {
            let result = compare(&*endpoint, door, *kind, [first, of_nobody]).await?;
            of_nobody += WARM_UP + REQUESTS;
            let Welch { t, degrees, difference } = result;
            println!("{:25} {:24} {difference:>6.1} µs {t:>8.2} {degrees:>7.0}", door.name(), kind.name());
            told += usize::from(t.abs() > LIMIT);
        }
    }
    app.close().await;
    Ok(told)
}

/// Tries `door` for `kind` and for nobody in turn by lot, each time with a name that was not tried there before: theirs are numbered from
/// the first and the second of `first` on.
async fn compare(endpoint: &impl Endpoint, door: Door, kind: Kind, first: [usize; 2]) -> anyhow::Result<Welch> {
    let (mut of_kind, mut of_nobody) = (Vec::new(), Vec::new());
    let mut lots = vec![0; WARM_UP + REQUESTS];
    compose::entropy().fill(&mut lots);
    for (number, lot) in lots.into_iter().enumerate() {
        // By lot, so that what comes back every second or fourth time is no difference between the two.
        let is_kind = lot % 2 == 0;
        let name = if is_kind { kind.user(first[0] + number) } else { Kind::Nobody.user(first[1] + number) };
        let request = door.request(&name, known::SECRET);
        let start = Instant::now();
        let answer = endpoint.get_response(request).await;
        let taken = start.elapsed().as_secs_f64() * 1e6;
        ensure!(answer.status() == door.status(), "{} answers {} for {name}", door.name(), answer.status());
        if number >= WARM_UP {
            if is_kind { &mut of_kind } else { &mut of_nobody }.push(taken);
        }
    }
    Ok(welch(of_kind, of_nobody))
}

/// The real thing, but for the mails, which go nowhere.
async fn app(config: Config) -> anyhow::Result<App> {
    let stores = Stores::open(&config).await?;
    let encryption = encryption::find(&config, &*stores.keys, &*compose::entropy()).await?;
    let mail = Some(Mailing::over(Arc::new(FakeMailer::default())));
    let ports = Ports { mail, ..Ports::of(&config, stores, &encryption)? };
    App::over(config, ports, &encryption).await
}

/// The prod profile, without limits and with hashes that cost next to nothing.
fn config(folder: &Path) -> anyhow::Result<Config> {
    let url = format!("sqlite:{}/test.db", folder.display());
    let flags = [
        ("profile", "prod"),
        ("issuer", "https://auth.example.com"),
        ("encryption-key", "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="),
        ("database-url", &url),
        ("signing-algorithm", "ES256"),
        ("smtp-url", "smtps://mail.example.com"),
        ("mail-from", "no-reply@example.com"),
        ("auth-rate-limit", "burst=1000000,every=1ms"),
        ("account-failure-limit", "burst=1000000,every=1ms"),
    ];
    let flags = flags.into_iter().map(|(name, text)| (name, Zeroizing::new(text.to_owned()))).collect();
    let mut config = Config::load(flags, Surroundings { variables: Vec::new(), folder: folder.to_owned() })?;
    // Weaker than the profile takes from anybody.
    (config.hashing.memory_kib, config.hashing.iterations) = (8, 1);
    Ok(config)
}
