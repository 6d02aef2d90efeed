-- Status lists: which of their entries were set apart, and which belongs to which token. Instants are Unix seconds.

-- How far each list has been set apart, and when the last time was.
CREATE TABLE status_lists (
    list INTEGER NOT NULL PRIMARY KEY,
    reserved INTEGER NOT NULL,
    reserved_at INTEGER NOT NULL
);

-- The session that the token of an entry names, and the token's place in a status list. Rows from before, and of tokens whose
-- status nothing can change, have none.
ALTER TABLE auth_log_details ADD COLUMN sid TEXT;
ALTER TABLE auth_log_details ADD COLUMN status_list INTEGER;
ALTER TABLE auth_log_details ADD COLUMN status_index INTEGER;

CREATE INDEX auth_log_details_by_status_list ON auth_log_details (status_list, expires_at) WHERE status_list IS NOT NULL;
