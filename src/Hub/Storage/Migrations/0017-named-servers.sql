-- A named server is remembered while it does not run, until it is removed; of default servers only those that run have a row. user_options: a JSON object.
ALTER TABLE servers ADD COLUMN running INTEGER NOT NULL DEFAULT 1;
ALTER TABLE servers ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
ALTER TABLE servers ADD COLUMN user_options TEXT NOT NULL DEFAULT '{}';

-- The server a session belongs to; '' is the default one.
ALTER TABLE sessions ADD COLUMN server TEXT NOT NULL DEFAULT '';
