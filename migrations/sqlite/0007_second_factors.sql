-- Second factors, at most one a user. Instants are Unix milliseconds.
--
-- The secret is sealed. `last_step` is the number of the thirty seconds whose code was taken last: none of them or before is taken again.
CREATE TABLE second_factors (
    user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
    enrolled_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    sealed_secret BLOB NOT NULL,
    sealed_by TEXT NOT NULL,
    last_step INTEGER,
    CHECK ((confirmed_at IS NULL) = (last_step IS NULL))
);

-- The recovery codes that are left: their SHA-256 hashes. One that is spent is erased.
CREATE TABLE recovery_codes (
    user_id INTEGER NOT NULL REFERENCES second_factors(user_id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL,
    PRIMARY KEY (user_id, code_hash)
) WITHOUT ROWID;
