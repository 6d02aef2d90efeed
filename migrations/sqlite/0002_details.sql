-- What is known of keys, users and log entries beyond the tables of 0001. Instants are Unix seconds.

-- How often the ring of keys has been replaced; one row.
CREATE TABLE key_ring (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL
);

INSERT INTO key_ring (id, revision) VALUES (1, 0);

-- The keys of the ring. A row of `keys` that none of these refers to was made by another program and is left alone.
-- The sealed private half is `keys.key`, the end of the publication `keys.exp`.
CREATE TABLE key_details (
    kid TEXT NOT NULL PRIMARY KEY,
    key_row INTEGER NOT NULL UNIQUE REFERENCES keys(kid) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    public_jwk TEXT NOT NULL,
    sealed_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    published_from INTEGER NOT NULL,
    signs_from INTEGER NOT NULL,
    signs_until INTEGER NOT NULL,
    revoked_at INTEGER,
    revocation_reason TEXT,
    CHECK ((revoked_at IS NULL) = (revocation_reason IS NULL))
);

-- The kids that must never come back, those of erased keys included.
CREATE TABLE revoked_keys (
    kid TEXT NOT NULL PRIMARY KEY
);

-- A user without a row here is active, may read, and is no demo user.
CREATE TABLE user_details (
    user_id INTEGER PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    demo INTEGER NOT NULL CHECK (demo IN (0, 1))
);

-- Names and addresses are unique without regard to ASCII case. Older databases may break that already, so these are not
-- UNIQUE: whoever adds a user looks here first, in the same transaction.
CREATE INDEX users_by_username_in_any_case ON users (username COLLATE NOCASE);
CREATE INDEX users_by_email_in_any_case ON users (email COLLATE NOCASE);

-- An entry without a row here is a successful login of its user.
CREATE TABLE auth_log_details (
    log_id INTEGER PRIMARY KEY REFERENCES auth_logs(id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    outcome TEXT NOT NULL,
    name TEXT,
    user_agent TEXT,
    kid TEXT,
    jti TEXT
);
