//! The SQL of the tables `clients` and `client_secrets`. A client and its secrets are read by one statement, so that a change in
//! between cannot show half of it.

use jwksd_domain::client::{
    Audience, Client, ClientId, ClientName, ClientState, Grant, ScopeSet, SecretHash, StoredSecret,
};
use jwksd_domain::time::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::error::SqliteError;

/// The client of that id. Where there is none, the next one is read in its place, so that this takes as long.
pub(crate) async fn by_id(connection: &mut SqliteConnection, id: &ClientId) -> Result<Option<Client>, SqliteError> {
    let query = sqlx::query(
        "SELECT c.client_id, c.revision, c.name, c.scopes, c.audiences, c.grants, c.state, c.created_at,
             s.secret_hash, s.created_at AS secret_created_at
         FROM clients AS c
         LEFT JOIN client_secrets AS s ON s.client_id = c.client_id
         WHERE c.client_id = COALESCE(
             (SELECT client_id FROM clients WHERE client_id >= ?1 ORDER BY client_id LIMIT 1),
             (SELECT MIN(client_id) FROM clients)
         )
         ORDER BY s.position",
    );
    let rows = query.bind(id.as_str()).fetch_all(connection).await?;
    let found = clients(&rows);
    let Some(row) = rows.first() else { return Ok(None) };
    // What is wrong with another's rows is no business of this one.
    if row.try_get::<&str, _>("client_id")? == id.as_str() { Ok(found?.pop()) } else { Ok(None) }
}

/// Clients by their ids.
pub(crate) async fn page(
    connection: &mut SqliteConnection,
    after: Option<&ClientId>,
    limit: u32,
) -> Result<Vec<Client>, SqliteError> {
    let query = sqlx::query(
        "SELECT c.client_id, c.revision, c.name, c.scopes, c.audiences, c.grants, c.state, c.created_at,
             s.secret_hash, s.created_at AS secret_created_at
         FROM (SELECT * FROM clients WHERE client_id > ? ORDER BY client_id LIMIT ?) AS c
         LEFT JOIN client_secrets AS s ON s.client_id = c.client_id
         ORDER BY c.client_id, s.position",
    );
    // No id is empty, so every one is behind the empty text.
    let after = after.map_or("", ClientId::as_str);
    clients(&query.bind(after).bind(limit).fetch_all(connection).await?)
}

/// Adds a client without its secrets.
pub(crate) async fn insert(connection: &mut SqliteConnection, client: &Client) -> Result<(), SqliteError> {
    let query = sqlx::query(
        "INSERT INTO clients (client_id, revision, name, scopes, audiences, grants, state, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    );
    let added = query
        .bind(client.id.as_str())
        .bind(revision(client.revision))
        .bind(client.name.as_str())
        .bind(client.scopes.to_string())
        .bind(audiences(client))
        .bind(grants(client))
        .bind(client.state.as_str())
        .bind(client.created_at.unix_seconds())
        .execute(connection)
        .await;
    match added {
        Ok(_) => Ok(()),
        Err(error) if error.as_database_error().is_some_and(|cause| cause.is_unique_violation()) => {
            Err(SqliteError::Taken { field: "client_id" })
        }
        Err(error) => Err(error.into()),
    }
}

/// Replaces a client but for its secrets, if it has the revision that was loaded; tells how many were.
pub(crate) async fn replace(connection: &mut SqliteConnection, client: &Client) -> Result<u64, sqlx::Error> {
    let query = sqlx::query(
        "UPDATE clients
         SET revision = revision + 1, name = ?, scopes = ?, audiences = ?, grants = ?, state = ?
         WHERE client_id = ? AND revision = ?",
    );
    let done = query
        .bind(client.name.as_str())
        .bind(client.scopes.to_string())
        .bind(audiences(client))
        .bind(grants(client))
        .bind(client.state.as_str())
        .bind(client.id.as_str())
        .bind(revision(client.revision))
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Erases the secrets of a client.
pub(crate) async fn delete_secrets(connection: &mut SqliteConnection, id: &ClientId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM client_secrets WHERE client_id = ?")
        .bind(id.as_str())
        .execute(connection)
        .await
        .map(|_| ())
}

/// Adds the secrets of a client.
pub(crate) async fn insert_secrets(connection: &mut SqliteConnection, client: &Client) -> Result<(), sqlx::Error> {
    for (position, secret) in (0_i64..).zip(&client.secrets) {
        sqlx::query("INSERT INTO client_secrets (client_id, position, secret_hash, created_at) VALUES (?, ?, ?, ?)")
            .bind(client.id.as_str())
            .bind(position)
            .bind(&secret.hash.bytes()[..])
            .bind(secret.created_at.unix_seconds())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// The clients of rows that stand client by client, each with one secret or none.
fn clients(rows: &[SqliteRow]) -> Result<Vec<Client>, SqliteError> {
    let mut clients: Vec<Client> = Vec::new();
    for row in rows {
        let id: &str = row.try_get("client_id")?;
        if clients.last().is_none_or(|client| client.id.as_str() != id) {
            clients.push(client(row)?);
        }
        if let (Some(client), Some(secret)) = (clients.last_mut(), secret(row)?) {
            client.secrets.push(secret);
        }
    }
    Ok(clients)
}

/// A client without its secrets.
fn client(row: &SqliteRow) -> Result<Client, SqliteError> {
    let id: &str = row.try_get("client_id")?;
    let wrong = |column| SqliteError::Inconsistent { table: "clients", row: id.to_owned(), column };
    let texts = |column| Ok::<_, SqliteError>(row.try_get::<&str, _>(column)?.split_whitespace());
    Ok(Client {
        revision: u64::try_from(row.try_get::<i64, _>("revision")?).map_err(|_| wrong("revision"))?,
        id: ClientId::parse(id).map_err(|_| wrong("client_id"))?,
        name: ClientName::parse(row.try_get("name")?).map_err(|_| wrong("name"))?,
        scopes: ScopeSet::of(texts("scopes")?).map_err(|_| wrong("scopes"))?,
        audiences: texts("audiences")?
            .map(Audience::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| wrong("audiences"))?,
        grants: texts("grants")?.map(Grant::from_name).collect::<Option<_>>().ok_or_else(|| wrong("grants"))?,
        state: ClientState::from_name(row.try_get("state")?).ok_or_else(|| wrong("state"))?,
        secrets: Vec::new(),
        created_at: Timestamp::from_unix_seconds(row.try_get("created_at")?),
    })
}

fn secret(row: &SqliteRow) -> Result<Option<StoredSecret>, SqliteError> {
    let Some(hash) = row.try_get::<Option<Vec<u8>>, _>("secret_hash")? else { return Ok(None) };
    let id: &str = row.try_get("client_id")?;
    let wrong = |_| SqliteError::Inconsistent { table: "client_secrets", row: id.to_owned(), column: "secret_hash" };
    Ok(Some(StoredSecret {
        hash: SecretHash::new(hash.try_into().map_err(wrong)?),
        created_at: Timestamp::from_unix_seconds(row.try_get("secret_created_at")?),
    }))
}

fn audiences(client: &Client) -> String {
    client.audiences.iter().map(Audience::as_str).collect::<Vec<_>>().join(" ")
}

fn grants(client: &Client) -> String {
    client.grants.iter().map(|grant| grant.as_str()).collect::<Vec<_>>().join(" ")
}

/// As SQLite counts; no client is replaced more often than that.
fn revision(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}
