//! How often a refresh asks a store: what bounds how many of them a server manages.

use std::sync::atomic::Ordering;

use jwksd_domain::usecase::UserEdit;
use jwksd_domain::user::Role;

use crate::test_app::TestApp;

/// A refresh; answers the next token, and how often a store was asked meanwhile.
async fn counted(app: &TestApp, token: &str) -> (String, usize) {
    let before = app.stores.round_trips.load(Ordering::SeqCst);
    let next = app.refresh(token).await.tokens().refresh;
    (next, app.stores.round_trips.load(Ordering::SeqCst) - before)
}

#[tokio::test]
async fn a_refresh_asks_a_store_twice_at_most() {
    let app = TestApp::dev().await;
    let (mut token, mut spent) = (app.open_session("John", "testpass").await.refresh, String::new());
    for (number, expected) in [2, 1, 1, 1].into_iter().enumerate() {
        let (next, asked) = counted(&app, &token).await;
        println!("refresh {number} of a session: {asked} round trips to a store");
        assert_eq!(asked, expected, "looked up once, and from then on moved on and logged in one go");
        (spent, token) = (token, next);
    }
    let (again, asked) = counted(&app, &spent).await;
    println!("the last one again: {asked} round trips");
    assert_eq!((again, asked), (token, 2), "looked up and logged");
}

#[tokio::test]
async fn one_whose_user_was_changed_asks_twice_more() {
    let app = TestApp::dev().await;
    let opened = app.open_session("Jane", "pass123").await.refresh;
    let token = counted(&app, &opened).await.0;
    app.edit("Jane", UserEdit { role: Some(Role::Read), ..UserEdit::default() }).await;
    assert_eq!(counted(&app, &token).await.1, 3, "refused by the store, looked up, moved on");
}
