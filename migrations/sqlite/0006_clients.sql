-- Machines that have tokens of their own, and the ids of tokens that were called back before their end.
-- Instants are Unix seconds; lists are separated by single spaces.

CREATE TABLE clients (
    client_id TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    audiences TEXT NOT NULL,
    grants TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The SHA-256 hashes of the secrets of clients, the older one first.
CREATE TABLE client_secrets (
    client_id TEXT NOT NULL REFERENCES clients(client_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    secret_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (client_id, position)
) WITHOUT ROWID;

CREATE TABLE revoked_tokens (
    jti TEXT NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX revoked_tokens_by_end ON revoked_tokens (expires_at);
