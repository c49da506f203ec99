-- oauth_client: the service a token was issued to on its owner's behalf. oauth_code: hash of the code it was bought with, so that a code used twice can
-- take it back. sign_in_id: the sign-in that consented; the token ends with it.
ALTER TABLE api_tokens ADD COLUMN oauth_client TEXT;
ALTER TABLE api_tokens ADD COLUMN oauth_code TEXT;
ALTER TABLE api_tokens ADD COLUMN sign_in_id INTEGER REFERENCES sign_ins (id) ON DELETE CASCADE;

CREATE INDEX api_tokens_of_sign_in ON api_tokens (sign_in_id);
CREATE INDEX api_tokens_of_code ON api_tokens (oauth_code);

-- Codes wait for the service to fetch its token; each works once.
CREATE TABLE oauth_codes (
  hash         TEXT    PRIMARY KEY,
  client       TEXT    NOT NULL,
  user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  sign_in_id   INTEGER NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
  redirect_uri TEXT    NOT NULL,
  scopes       TEXT    NOT NULL,
  challenge    TEXT,
  expires_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX oauth_codes_of_user ON oauth_codes (user_id);
CREATE INDEX oauth_codes_of_sign_in ON oauth_codes (sign_in_id);
