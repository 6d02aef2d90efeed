//! A thousand refreshes of one token at once, over each store and over two servers that share one: one successor, and nobody is
//! logged out.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jwksd::compose::Stores;
use jwksd_testkit::ManualClock;
use serde_json::json;
use tokio::task::JoinSet;

use crate::test_app::{Around, Signatures, TestApp, config};
use crate::wire::Call;

const REFRESHES: usize = 1000;

/// Two servers over the database in `folder`, each with a store of its own.
async fn replicas(folder: &tempfile::TempDir) -> Vec<Arc<TestApp>> {
    let url = format!("sqlite:{}/shared.db", folder.path().display());
    let clock = Arc::new(ManualClock::default());
    let mut apps = Vec::new();
    for seed in [1, 1 << 32] {
        let stores = Stores::open(&config(&[("database-url", &url)])).await.unwrap();
        let around = Around { stores, clock: Arc::clone(&clock), seed };
        apps.push(Arc::new(TestApp::among(around, Signatures::Fake, &[]).await.unwrap()));
    }
    apps
}

/// Presents one token to all of `apps` in turn, all at once; answers the refresh tokens that came back.
async fn refresh_at_once(apps: &[Arc<TestApp>], token: &str) -> BTreeSet<String> {
    let mut racing = JoinSet::new();
    for app in apps.iter().cycle().take(REFRESHES) {
        let (app, call) = (Arc::clone(app), Call::post("/auth/refresh").json(&json!({ "refresh_token": token })));
        racing.spawn(async move { app.send(call).await.tokens().refresh });
    }
    racing.join_all().await.into_iter().collect()
}

/// Each of three tokens in a row, a thousand times at once.
async fn race(apps: &[Arc<TestApp>]) {
    let mut token = apps[0].open_session("John", "testpass").await.refresh;
    let spent = token.clone();
    for round in 0..3 {
        let successors = refresh_at_once(apps, &token).await;
        assert_eq!(successors.len(), 1, "round {round}: every refresh is answered with the one successor");
        token = successors.into_iter().next().unwrap();
    }
    apps[0].wait(Duration::from_secs(10));
    let last = apps.last().unwrap();
    assert_eq!(last.refresh(&token).await.status, 200);
    assert_eq!(last.refresh(&spent).await.problem(), (401, "refresh_token_reused".into()));
    assert_eq!(apps[0].refresh(&token).await.problem(), (401, "session_ended".into()), "every server knows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_refreshes_at_once_have_one_successor_in_memory() {
    race(&[Arc::new(TestApp::dev().await)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_refreshes_at_once_have_one_successor_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    race(&replicas(&folder).await[..1]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_refreshes_at_two_servers_have_one_successor() {
    let folder = tempfile::tempdir().unwrap();
    race(&replicas(&folder).await).await;
}

#[tokio::test]
async fn a_session_of_one_server_goes_on_and_ends_at_another() {
    let folder = tempfile::tempdir().unwrap();
    let apps = replicas(&folder).await;
    let tokens = apps[0].open_session("John", "testpass").await;
    let next = apps[1].refresh(&tokens.refresh).await.tokens();
    assert_eq!(apps[0].refresh(&tokens.refresh).await.tokens().refresh, next.refresh);
    assert_eq!(apps[0].send(Call::post("/auth/logout").bearer(&next.access)).await.status, 204);
    assert_eq!(apps[1].refresh(&next.refresh).await.problem(), (401, "session_ended".into()));
    assert_eq!(apps[1].send(Call::get("/userinfo").bearer(&next.access)).await.status, 401);
}
