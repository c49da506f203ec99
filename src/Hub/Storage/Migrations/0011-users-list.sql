-- The list of users of the administrators' panel: sorted by what AccountsStore sorts by, and the few who are apart found without looking at all.
CREATE INDEX users_by_activity ON users ((COALESCE(last_activity, created)), id);

CREATE INDEX users_who_administer ON users (name) WHERE admin <> 0;

CREATE INDEX users_who_are_disabled ON users (name) WHERE disabled <> 0;
