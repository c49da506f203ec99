-- Servers that are started. No process stands behind one, so it stays started when the hub restarts. The name '' is the default server.
CREATE TABLE servers (
  user_id       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name          TEXT    NOT NULL,
  started       INTEGER NOT NULL,
  last_activity INTEGER NOT NULL,
  PRIMARY KEY (user_id, name)
) STRICT, WITHOUT ROWID;
