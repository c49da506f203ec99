-- Who people are at sign-in providers (OpenID Connect). One person there is one user here; a user may be several people there.
-- provider: the name of the section they came by last. group_names: a JSON list, as the provider said at the last sign-in.
-- admin_given: the provider made the user an administrator, and may take that back.
CREATE TABLE openid_identities (
  issuer       TEXT    NOT NULL,
  subject      TEXT    NOT NULL,
  user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider     TEXT    NOT NULL,
  email        TEXT    NOT NULL,
  group_names  TEXT    NOT NULL,
  admin_given  INTEGER NOT NULL DEFAULT 0,
  created      INTEGER NOT NULL,
  last_sign_in INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX openid_identities_of_user ON openid_identities (user_id);

-- Where a sign-in came from. tokens: sealed with the protection keys, which are not in the database. checked: when the provider last said yes.
CREATE TABLE openid_sign_ins (
  sign_in_id INTEGER PRIMARY KEY REFERENCES sign_ins (id) ON DELETE CASCADE,
  provider   TEXT    NOT NULL,
  issuer     TEXT    NOT NULL,
  subject    TEXT    NOT NULL,
  session_id TEXT,
  tokens     TEXT,
  refreshes  INTEGER NOT NULL,
  checked    INTEGER NOT NULL
) STRICT;

CREATE INDEX openid_sign_ins_of_person ON openid_sign_ins (issuer, subject);
CREATE INDEX openid_sign_ins_of_session ON openid_sign_ins (issuer, session_id);
CREATE INDEX openid_sign_ins_to_check ON openid_sign_ins (refreshes, checked);

-- What may be used one time: SHA-256 in lower-case hexadecimal.
CREATE TABLE used_once (
  hash       TEXT    PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX used_once_by_end ON used_once (expires_at);
