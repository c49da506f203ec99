-- A server of owner_id that user_id, or everybody in group_id, may use; exactly one of the two is there. scopes: names with spaces between, without filters:
-- they hold for this server and no other, whatever its owner is called later.
CREATE TABLE shares (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  server   TEXT    NOT NULL,
  user_id  INTEGER REFERENCES users (id) ON DELETE CASCADE,
  group_id INTEGER REFERENCES user_groups (id) ON DELETE CASCADE,
  scopes   TEXT    NOT NULL,
  created  INTEGER NOT NULL,
  UNIQUE (owner_id, server, user_id),
  UNIQUE (owner_id, server, group_id)
) STRICT;

CREATE INDEX shares_with_user ON shares (user_id);
CREATE INDEX shares_with_group ON shares (group_id);

-- Whoever has the code gets a share; only its hash is kept.
CREATE TABLE share_codes (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  hash              TEXT    NOT NULL UNIQUE,
  owner_id          INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  server            TEXT    NOT NULL,
  scopes            TEXT    NOT NULL,
  created           INTEGER NOT NULL,
  expires_at        INTEGER NOT NULL,
  exchange_count    INTEGER NOT NULL DEFAULT 0,
  last_exchanged_at INTEGER
) STRICT;

CREATE INDEX share_codes_of_owner ON share_codes (owner_id);
CREATE INDEX share_codes_by_end ON share_codes (expires_at);
