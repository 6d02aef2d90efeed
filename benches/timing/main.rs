//! Whether time tells who is known: every way in, tried for names that nobody has and for users who are not let in, in turn, in one
//! process, with hashes made cheap, so that nothing hides behind them.
//!
//! `tests/timing`, or `cargo bench --bench timing`

mod door;
mod kind;
mod welch;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use jwksd::App;
use jwksd::config::{Config, Surroundings};
use poem::{Endpoint, EndpointExt};
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use door::Door;
use kind::Kind;
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
    println!("{REQUESTS} requests each, of two kinds in turn; the slowest twentieth is left out.");
    println!("Against names that nobody has; `nobody` against `nobody` is the yardstick.\n");
    println!("{:8} {:22} {:24} {:>9} {:>8} {:>7}", "store", "route", "who", "slower by", "t", "df");
    let mut told = 0;
    for (store, url) in
        [("memory", "memory:".to_owned()), ("sqlite", format!("sqlite:{}/test.db", folder.path().display()))]
    {
        told += runtime.block_on(measure(store, &url, folder.path()))?;
    }
    match told {
        0 => println!("\nNobody is told from nobody: no t is beyond {LIMIT}."),
        told => println!("\n{told} of these can be told apart: t is beyond {LIMIT}."),
    }
    Ok(if told == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Measures every door over one store; answers how many differences there are.
async fn measure(store: &str, url: &str, folder: &Path) -> anyhow::Result<usize> {
    let app = App::build(config(url, folder)?).await?;
    let stores = &app.ports().stores;
    let count = Door::ALL.len() * (REQUESTS + WARM_UP);
    for kind in [Kind::WrongPassword, Kind::Disabled, Kind::Demo] {
        kind.add(stores, &app.ports().hasher, count).await?;
    }
    app.use_cases().decoys.refresh().await?;
    let endpoint = Arc::new(app.endpoint().map_to_response());
    let mut told = 0;
    for (number, door) in Door::ALL.into_iter().enumerate() {
        for kind in Kind::ALL {
            let first = number * (REQUESTS + WARM_UP);
            let result = compare(&*endpoint, door, kind, first).await?;
            let Welch { t, degrees, difference } = result;
            println!("{store:8} {:22} {:24} {difference:>6.1} µs {t:>8.2} {degrees:>7.0}", door.name(), kind.name());
            told += usize::from(t.abs() > LIMIT);
        }
    }
    app.close().await;
    Ok(told)
}

/// Tries `door` for `kind` and for nobody in turn, each time with another name, numbered from `first` on.
async fn compare(endpoint: &impl Endpoint, door: Door, kind: Kind, first: usize) -> anyhow::Result<Welch> {
    let (mut of_kind, mut of_nobody) = (Vec::new(), Vec::new());
    for number in 0..WARM_UP + REQUESTS {
        // Each comes first in turn.
        let is_kind = matches!(number % 4, 0 | 3);
        let name = if is_kind { kind.user(first + number) } else { Kind::Nobody.user(first + number) };
        let request = door.request(&name, kind::PASSWORD);
        let start = Instant::now();
        let answer = endpoint.get_response(request).await;
        let taken = start.elapsed().as_secs_f64() * 1e6;
        ensure!(answer.status() == 401, "{} answers {} for {name}", door.name(), answer.status());
        if number >= WARM_UP {
            if is_kind { &mut of_kind } else { &mut of_nobody }.push(taken);
        }
    }
    Ok(welch(of_kind, of_nobody))
}

/// The prod profile, without limits and with hashes that cost next to nothing.
fn config(url: &str, folder: &Path) -> anyhow::Result<Config> {
    let flags = [
        ("profile", "prod"),
        ("issuer", "https://auth.example.com"),
        ("encryption-key", "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="),
        ("database-url", url),
        ("signing-algorithm", "ES256"),
        ("auth-rate-limit", "burst=1000000,every=1ms"),
        ("account-failure-limit", "burst=1000000,every=1ms"),
    ];
    let flags = flags.into_iter().map(|(name, text)| (name, Zeroizing::new(text.to_owned()))).collect();
    let mut config = Config::load(flags, Surroundings { variables: Vec::new(), folder: folder.to_owned() })?;
    // Weaker than the profile takes from anybody.
    (config.hashing.memory_kib, config.hashing.iterations) = (8, 1);
    Ok(config)
}
