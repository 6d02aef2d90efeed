//! Whether the tables of an older database are those that we know.

use sqlx::SqliteConnection;

/// The three tables that an older database may have, with their columns in order; the first one is the row id.
const TABLES: [(&str, &[&str]); 3] = [
    ("keys", &["kid", "key", "exp"]),
    ("users", &["id", "username", "password_hash", "email", "date_registered", "last_login"]),
    ("auth_logs", &["id", "request_ip", "request_timestamp", "user_id"]),
];

/// The first table that is there and has other columns than it must, and what is wrong with it.
pub(crate) async fn find_misfit(
    connection: &mut SqliteConnection,
) -> Result<Option<(&'static str, String)>, sqlx::Error> {
    for (table, expected) in TABLES {
        let columns = columns(connection, table).await?;
        if let Some(problem) = compare(&columns, expected) {
            return Ok(Some((table, problem)));
        }
    }
    Ok(None)
}

/// What `users.email` holds for a user without an address: the empty string, unless the table is an older one whose addresses
/// are unique, where only NULL may be there more than once.
pub(crate) async fn absent_email(connection: &mut SqliteConnection) -> Result<Option<&'static str>, sqlx::Error> {
    let unique_and_nullable = sqlx::query_scalar::<_, bool>(
        "SELECT EXISTS (
             SELECT 1
             FROM pragma_index_list('users') AS l
             JOIN pragma_index_info(l.name) AS i ON i.name = 'email'
             JOIN pragma_table_info('users') AS c ON c.name = 'email'
             WHERE l.\"unique\" = 1 AND c.\"notnull\" = 0
         )",
    );
    Ok(if unique_and_nullable.fetch_one(connection).await? { None } else { Some("") })
}

/// A column: its name, its declared type, and whether it is the primary key.
type Column = (String, String, bool);

async fn columns(connection: &mut SqliteConnection, table: &str) -> Result<Vec<Column>, sqlx::Error> {
    sqlx::query_as("SELECT name, type, pk = 1 FROM pragma_table_info(?) ORDER BY cid")
        .bind(table)
        .fetch_all(connection)
        .await
}

fn compare(columns: &[Column], expected: &[&str]) -> Option<String> {
    let Some((id, id_type, is_key)) = columns.first() else {
        return None; // There is no such table yet.
    };
    let names: Vec<_> = columns.iter().map(|(name, ..)| name.as_str()).collect();
    if let Some(missing) = expected.iter().find(|name| !names.contains(name)) {
        return Some(format!("there is no column {missing}"));
    }
    if let Some(unknown) = names.iter().find(|name| !expected.contains(name)) {
        return Some(format!("the column {unknown} is unknown"));
    }
    if let Some((name, _)) = names.iter().zip(expected).find(|(name, expected)| name != expected) {
        return Some(format!("the column {name} is not in its place"));
    }
    let is_row_id = *is_key && id_type.eq_ignore_ascii_case("INTEGER");
    (!is_row_id).then(|| format!("the column {id} is not INTEGER PRIMARY KEY"))
}
