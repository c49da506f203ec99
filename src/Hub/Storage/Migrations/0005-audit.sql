-- What happened, who did it to whom: append-only, each record's hash over the one before and its own canonical bytes (Events/Audit/AuditCodec).
-- Names, not references: a record outlives the user. previous: the hash before, so that what is left of a cut-off beginning can still be checked.
CREATE TABLE audit (
  number    INTEGER PRIMARY KEY,
  at        INTEGER NOT NULL,
  kind      TEXT    NOT NULL,
  by_user   TEXT    NOT NULL,
  user_name TEXT    NOT NULL,
  detail    TEXT    NOT NULL,
  previous  TEXT    NOT NULL,
  hash      TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_of_user ON audit (user_name, number);

CREATE INDEX audit_by_user ON audit (by_user, number);
