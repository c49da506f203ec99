-- Notebooks whose outputs their user has run or trusted: SHA-256 of the file, in lower-case hexadecimal.
CREATE TABLE trusted_notebooks (
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  hash    TEXT    NOT NULL,
  used    INTEGER NOT NULL,
  PRIMARY KEY (user_id, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX trusted_notebooks_by_use ON trusted_notebooks (user_id, used);
