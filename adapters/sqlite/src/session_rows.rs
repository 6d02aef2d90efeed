//! The SQL of the table `sessions`.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr};

use jwksd_domain::audit::Origin;
use jwksd_domain::ports::SessionSelection;
use jwksd_domain::session::{AuthMethod, EndReason, Session, SessionEnd, SessionId, TokenHash};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::UserId;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::error::SqliteError;
use crate::sealed::sealed;

/// The session of that id.
pub(crate) async fn by_id(connection: &mut SqliteConnection, id: SessionId) -> Result<Option<Session>, SqliteError> {
    let query = sqlx::query(
        "SELECT sid, user_id, username, methods, request_ip, user_agent, created_at, last_used_at, idle_expires_at, expires_at,
             sealed_secret, sealed_by, generation, token_hash, spent_at, ended_at, end_reason
         FROM sessions
         WHERE sid = ?",
    );
    query.bind(id.to_string()).fetch_optional(connection).await?.as_ref().map(session).transpose()
}

/// Sessions of a user that are live, the newest first.
pub(crate) async fn live_of(
    connection: &mut SqliteConnection,
    user: UserId,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Session>, SqliteError> {
    let query = sqlx::query(
        "SELECT sid, user_id, username, methods, request_ip, user_agent, created_at, last_used_at, idle_expires_at, expires_at,
             sealed_secret, sealed_by, generation, token_hash, spent_at, ended_at, end_reason
         FROM sessions
         WHERE user_id = ? AND ended_at IS NULL AND idle_expires_at > ?
         ORDER BY created_at DESC, sid DESC
         LIMIT ?",
    );
    let rows = query.bind(user.0).bind(now.unix_millis()).bind(limit).fetch_all(connection).await?;
    rows.iter().map(session).collect()
}

/// Adds a session.
pub(crate) async fn insert(connection: &mut SqliteConnection, session: &Session) -> Result<(), SqliteError> {
    let query = sqlx::query(
        "INSERT INTO sessions (sid, user_id, username, methods, request_ip, user_agent, created_at, last_used_at,
             idle_expires_at, expires_at, sealed_secret, sealed_by, generation, token_hash, spent_at, ended_at, end_reason)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    let added = query
        .bind(session.id.to_string())
        .bind(session.user_id.0)
        .bind(&session.username)
        .bind(joined(session.methods.iter().map(|method| method.as_str().to_owned())))
        .bind(session.origin.ip.to_string())
        .bind(session.origin.user_agent.as_deref())
        .bind(session.created_at.unix_millis())
        .bind(session.last_used_at.unix_millis())
        .bind(session.idle_expires_at.unix_millis())
        .bind(session.expires_at.unix_millis())
        .bind(&session.secret.bytes)
        .bind(session.secret.sealed_by.as_str())
        .bind(session.generation)
        .bind(&session.token_hash.bytes()[..])
        .bind(instants(&session.spent_at))
        .bind(session.end.map(|end| end.at.unix_millis()))
        .bind(session.end.map(|end| end.reason.as_str()))
        .execute(connection)
        .await;
    match added {
        Ok(_) => Ok(()),
        Err(error) if error.as_database_error().is_some_and(|cause| cause.is_unique_violation()) => {
            Err(SqliteError::Taken { field: "sid" })
        }
        Err(error) => Err(error.into()),
    }
}

/// Erases sessions that expired before that instant, so many at a time that nobody has to wait for it.
pub(crate) async fn forget_before(connection: &mut SqliteConnection, before: Timestamp) -> Result<(), sqlx::Error> {
    let query = sqlx::query(
        "DELETE FROM sessions
         WHERE sid IN (SELECT sid FROM sessions WHERE expires_at < ? ORDER BY expires_at LIMIT 100)",
    );
    query.bind(before.unix_millis()).execute(connection).await.map(|_| ())
}

/// Ends those sessions of a user that are live; tells how many were.
pub(crate) async fn end(
    connection: &mut SqliteConnection,
    user: UserId,
    which: SessionSelection,
    end: SessionEnd,
) -> Result<u64, sqlx::Error> {
    let (one, all_but) = match which {
        SessionSelection::One(id) => (Some(id.to_string()), None),
        SessionSelection::All => (None, None),
        SessionSelection::AllBut(id) => (None, Some(id.to_string())),
    };
    let query = sqlx::query(
        "UPDATE sessions
         SET ended_at = ?1, end_reason = ?2
         WHERE user_id = ?3 AND ended_at IS NULL AND idle_expires_at > ?1
             AND (?4 IS NULL OR sid = ?4)
             AND (?5 IS NULL OR sid <> ?5)",
    );
    let done = query
        .bind(end.at.unix_millis())
        .bind(end.reason.as_str())
        .bind(user.0)
        .bind(one)
        .bind(all_but)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

fn session(row: &SqliteRow) -> Result<Session, SqliteError> {
    let sid: &str = row.try_get("sid")?;
    let wrong = |column| SqliteError::Inconsistent { table: "sessions", row: sid.to_owned(), column };
    let at = |column| row.try_get(column).map(Timestamp::from_unix_millis);
    let methods = row.try_get::<&str, _>("methods")?.split_whitespace().map(AuthMethod::from_name);
    let spent_at = row.try_get::<&str, _>("spent_at")?.split_whitespace().map(|text| text.parse().ok());
    let hash: Vec<u8> = row.try_get("token_hash")?;
    let end = match (row.try_get::<Option<i64>, _>("ended_at")?, row.try_get::<Option<&str>, _>("end_reason")?) {
        (Some(at), Some(name)) => Some(SessionEnd {
            at: Timestamp::from_unix_millis(at),
            reason: EndReason::from_name(name).ok_or_else(|| wrong("end_reason"))?,
        }),
        _ => None,
    };
    Ok(Session {
        id: SessionId::parse(sid).ok_or_else(|| wrong("sid"))?,
        user_id: UserId(row.try_get("user_id")?),
        username: row.try_get("username")?,
        methods: methods.collect::<Option<_>>().ok_or_else(|| wrong("methods"))?,
        origin: Origin::new(address(row.try_get("request_ip")?), row.try_get("user_agent")?),
        created_at: at("created_at")?,
        last_used_at: at("last_used_at")?,
        idle_expires_at: at("idle_expires_at")?,
        expires_at: at("expires_at")?,
        secret: sealed(row, "sealed_secret")?,
        generation: row.try_get("generation")?,
        token_hash: TokenHash::new(hash.try_into().map_err(|_| wrong("token_hash"))?),
        spent_at: spent_at
            .map(|millis: Option<i64>| millis.map(Timestamp::from_unix_millis))
            .collect::<Option<_>>()
            .ok_or_else(|| wrong("spent_at"))?,
        end,
    })
}

/// What is no address, which only another program can have written, is the one that says nothing.
fn address(text: &str) -> IpAddr {
    text.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// Instants as the column `spent_at` has them.
pub(crate) fn instants(instants: &[Timestamp]) -> String {
    instants.iter().fold(String::with_capacity(instants.len() * 14), |mut text, at| {
        let space = if text.is_empty() { "" } else { " " };
        // Writing to a text never fails.
        let _ = write!(text, "{space}{}", at.unix_millis());
        text
    })
}

fn joined(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" ")
}
