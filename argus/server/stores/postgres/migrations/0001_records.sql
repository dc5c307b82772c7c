CREATE TABLE apps (
    app_id text PRIMARY KEY,
    name text NOT NULL,
    created_at double precision NOT NULL,
    deleted_at double precision
);

CREATE TABLE keys (
    sha256 bytea PRIMARY KEY,
    prefix text NOT NULL,
    app_id text NOT NULL REFERENCES apps,
    created_at double precision NOT NULL,
    expires_at double precision
);

CREATE TABLE admin (
    one integer PRIMARY KEY CHECK (one = 1),
    hash text NOT NULL
);

CREATE TABLE sessions (
    sha256 bytea PRIMARY KEY,
    created_at double precision NOT NULL,
    last_seen double precision NOT NULL
);

-- The last batch of each sender, for recognising repeats.
CREATE TABLE marks (
    app text NOT NULL,
    instance text NOT NULL,
    seq bigint NOT NULL,
    stored_at double precision NOT NULL,
    PRIMARY KEY (app, instance)
);

-- 'version' changes with applications, keys and the password. Who stores lines holds the row 'last_id' until the
-- commit, so that ids become visible in their order.
CREATE TABLE counters (
    name text PRIMARY KEY,
    value bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO counters VALUES ('version', 0), ('last_id', 0);

-- Never written as a whole: each partition is one chapter, of one day and so many lines.
CREATE TABLE log_lines (
    id bigint NOT NULL,
    app text NOT NULL,
    host text NOT NULL,
    timestamp double precision NOT NULL,
    level text NOT NULL,
    logger text NOT NULL,
    message text NOT NULL,
    metadata jsonb NOT NULL,
    words tsvector NOT NULL
) PARTITION BY RANGE (id);
ALTER TABLE log_lines ADD PRIMARY KEY (id);
CREATE INDEX log_lines_words ON log_lines USING gin (words);

-- What is known of each partition. Ids run from first_id to before end_id; those up to last_id are given out.
CREATE TABLE chapters (
    name text PRIMARY KEY,
    day integer NOT NULL,
    first_id bigint NOT NULL UNIQUE,
    end_id bigint NOT NULL,
    last_id bigint NOT NULL,
    lines bigint NOT NULL,
    earliest double precision NOT NULL,
    latest double precision NOT NULL
) WITH (fillfactor = 50);
