-- Accounts somebody made at the page and an administrator has not decided on; such a user is disabled.
CREATE TABLE sign_ups (
  user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  created INTEGER NOT NULL
) STRICT;
