//! The audit log over SQLite, with the SQL of the tables `auth_logs` and `auth_log_details`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::audit::{AuditEntry, Event, IssuedTokens, Origin, Outcome, StoredAuditEntry};
use jwksd_domain::key::Kid;
use jwksd_domain::ports::{AuditCursor, AuditFilter, AuditLog, AuditPage, StoreError};
use jwksd_domain::status_list::StatusEntry;
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::UserId;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::error::SqliteError;
use crate::script::{Script, Values};
use crate::store::Store;
use crate::task::Task;

/// Keeps the audit log in the database.
pub(crate) struct SqliteAuditLog(pub(crate) Arc<Store>);

#[async_trait]
impl AuditLog for SqliteAuditLog {
    async fn append(&self, entry: AuditEntry) -> Result<(), StoreError> {
        self.0.execute(Append(entry)).await?;
        Ok(())
    }

    async fn page(
        &self,
        filter: AuditFilter,
        cursor: Option<AuditCursor>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        Ok(self.0.read(ReadPage { filter, cursor, limit }).await?)
    }

    async fn issued_by(&self, kid: &Kid, now: Timestamp) -> Result<IssuedTokens, StoreError> {
        Ok(self.0.read(CountIssued { kid: kid.clone(), now }).await?)
    }
}

struct Append(AuditEntry);

impl Script for Append {
    const SQL: &'static str = "INSERT INTO auth_logs (request_ip, request_timestamp, user_id)
         VALUES (?, datetime(?, 'unixepoch'), ?);
         INSERT INTO auth_log_details (log_id, event, outcome, name, user_agent, kid, jti, expires_at, administrator_id,
             sid, status_list, status_index, detail)
         VALUES (last_insert_rowid(), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);";

    const STATEMENTS: usize = 2;

    fn bind(&self, values: &mut Values) {
        bind(&self.0, values);
    }
}

/// Adds what an entry has for the two tables, in the order of their columns.
pub(crate) fn bind(entry: &AuditEntry, values: &mut Values) {
    values
        .add(entry.origin.ip.to_string())
        .add(entry.at.unix_seconds())
        .add(entry.user_id.map(|id| id.0))
        .add(entry.event.as_str())
        .add(entry.outcome.as_str())
        .add(entry.name.clone())
        .add(entry.origin.user_agent.clone())
        .add(entry.kid.as_ref().map(Kid::to_string))
        .add(entry.jti.clone())
        .add(entry.expires_at.map(Timestamp::unix_seconds))
        .add(entry.origin.administrator.map(|id| id.0))
        .add(entry.sid.clone())
        .add(entry.status.map(|entry| entry.list))
        .add(entry.status.map(|entry| entry.index))
        .add(entry.detail.clone());
}

struct ReadPage {
    filter: AuditFilter,
    cursor: Option<AuditCursor>,
    limit: u32,
}

#[async_trait]
impl Task for ReadPage {
    type Answer = AuditPage;

    /// Asks for one entry more than the page holds: with it, another page begins.
    async fn run(&self, connection: &mut SqliteConnection) -> Result<AuditPage, SqliteError> {
        let rows = select(connection, &self.filter, self.cursor, i64::from(self.limit) + 1).await?;
        let mut entries = rows.iter().map(stored_entry).collect::<Result<Vec<_>, _>>()?;
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let next = entries.get(limit).map(|left| left.id.saturating_add(1));
        entries.truncate(limit);
        Ok(AuditPage { entries, next })
    }
}

struct CountIssued {
    kid: Kid,
    now: Timestamp,
}

#[async_trait]
impl Task for CountIssued {
    type Answer = IssuedTokens;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<IssuedTokens, SqliteError> {
        let query = sqlx::query_as(
            "SELECT COUNT(*), COUNT(DISTINCT l.user_id)
             FROM auth_log_details AS d
             JOIN auth_logs AS l ON l.id = d.log_id
             WHERE d.kid = ? AND d.expires_at > ?",
        );
        let (tokens, users) = query.bind(self.kid.as_str()).bind(self.now.unix_seconds()).fetch_one(connection).await?;
        Ok(IssuedTokens { tokens, users })
    }
}

/// Entries of older programs, which have no details, are successful logins of their users.
async fn select(
    connection: &mut SqliteConnection,
    filter: &AuditFilter,
    cursor: Option<AuditCursor>,
    limit: i64,
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    let query = sqlx::query(
        "SELECT l.id, l.request_ip, l.user_id, d.event, d.outcome, d.user_agent, d.kid, d.jti, d.expires_at,
             d.administrator_id, d.sid, d.status_list, d.status_index, d.detail,
             COALESCE(unixepoch(l.request_timestamp, 'auto'), 0) AS at,
             CASE WHEN d.log_id IS NULL THEN u.username ELSE d.name END AS name
         FROM auth_logs AS l
         LEFT JOIN auth_log_details AS d ON d.log_id = l.id
         LEFT JOIN users AS u ON u.id = l.user_id
         WHERE l.id <= ?1
             AND (?2 IS NULL OR CASE WHEN d.log_id IS NULL THEN u.username ELSE d.name END = ?2)
             AND (?3 IS NULL OR l.request_ip = ?3)
             AND (?4 IS NULL OR COALESCE(unixepoch(l.request_timestamp, 'auto'), 0) >= ?4)
             AND (?5 IS NULL OR COALESCE(unixepoch(l.request_timestamp, 'auto'), 0) < ?5)
             AND (?6 IS NULL OR COALESCE(d.outcome, 'success') = ?6)
         ORDER BY l.id DESC
         LIMIT ?7",
    );
    query
        .bind(cursor.map_or(i64::MAX, |cursor| cursor.saturating_sub(1)))
        .bind(filter.name.as_deref())
        .bind(filter.ip.map(|ip| ip.to_string()))
        .bind(filter.since.map(Timestamp::unix_seconds))
        .bind(filter.until.map(Timestamp::unix_seconds))
        .bind(filter.outcome.map(Outcome::as_str))
        .bind(limit)
        .fetch_all(connection)
        .await
}

fn stored_entry(row: &SqliteRow) -> Result<StoredAuditEntry, SqliteError> {
    let id: i64 = row.try_get("id")?;
    let wrong = |column| SqliteError::Inconsistent { table: "auth_log_details", row: id.to_string(), column };
    let event = match row.try_get::<Option<&str>, _>("event")? {
        Some(name) => Event::from_name(name).ok_or_else(|| wrong("event"))?,
        None => Event::Login,
    };
    let outcome = match row.try_get::<Option<&str>, _>("outcome")? {
        Some(name) => Outcome::from_name(name).ok_or_else(|| wrong("outcome"))?,
        None => Outcome::Success,
    };
    let kid = match row.try_get::<Option<&str>, _>("kid")? {
        Some(kid) => Some(Kid::parse(kid).map_err(|_| wrong("kid"))?),
        None => None,
    };
    let (list, index): (Option<u32>, Option<u16>) = (row.try_get("status_list")?, row.try_get("status_index")?);
    let status = list.zip(index).map(|(list, index)| StatusEntry { list, index });
    let entry = AuditEntry {
        at: Timestamp::from_unix_seconds(row.try_get("at")?),
        origin: Origin {
            ip: address(row.try_get("request_ip")?),
            user_agent: row.try_get("user_agent")?,
            administrator: row.try_get::<Option<i64>, _>("administrator_id")?.map(UserId),
        },
        event,
        outcome,
        user_id: row.try_get::<Option<i64>, _>("user_id")?.map(UserId),
        name: row.try_get("name")?,
        kid,
        jti: row.try_get("jti")?,
        expires_at: row.try_get::<Option<i64>, _>("expires_at")?.map(Timestamp::from_unix_seconds),
        sid: row.try_get("sid")?,
        status,
        detail: row.try_get("detail")?,
    };
    Ok(StoredAuditEntry { id, entry })
}

/// Older programs wrote whatever their framework called the peer: an address, one with a port, or no address at all.
fn address(text: &str) -> IpAddr {
    let with_port = || text.parse::<SocketAddr>().map(|socket| socket.ip());
    text.parse().or_else(|_| with_port()).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}
