-- Where a sign-in was begun, so that people recognise theirs; null where the operator keeps no addresses.
ALTER TABLE sign_ins ADD COLUMN address TEXT;
ALTER TABLE sign_ins ADD COLUMN browser TEXT;
