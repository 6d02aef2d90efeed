//! The evil twin: `jwksd lab check` is the issuer that each service trusts, and sends it whatever it must refuse.

use std::net::TcpListener;

use tokio::process::Command;

use crate::languages::Program;
use crate::process::{Place, Running};
use crate::stage::Stage;

/// Checks the API of the tutorial and each of the consumers.
pub(crate) async fn show(stage: &mut Stage, place: &Place, consumers: &[Program]) -> anyhow::Result<()> {
    stage.heading("Evil twin: the API of the tutorial refuses what it must refuse");
    check(stage, place, place.program("tutorial-api"), "/protected").await?;
    for program in consumers {
        stage.heading(&format!("Evil twin: so does the consumer in {}", program.language));
        check(stage, place, program.command(), "/api/v1/protected").await?;
    }
    Ok(())
}

/// Both must know where the issuer is before it is there, so it is told a port that was free just now.
async fn check(stage: &mut Stage, place: &Place, service: Command, path: &str) -> anyhow::Result<()> {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let service = Running::start(service, &format!("http://{address}")).await?;
    let url = format!("{}{path}", service.url);
    let card = place.run_jwksd(&["lab", "check", &url, "--listen", &address]).await?;
    stage.check(card.contains(" of ") && card.contains("exp-huge"), "the score card tells of every check")
}
