ALTER TABLE keys ADD COLUMN label text NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN last_used double precision;

-- Where it is null, the server's settings count.
ALTER TABLE apps ADD COLUMN max_series bigint;
ALTER TABLE apps ADD COLUMN max_rows_per_second double precision;
ALTER TABLE apps ADD COLUMN max_lines_per_second double precision;

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at double precision NOT NULL,
    who text NOT NULL,
    origin text NOT NULL,
    act text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL
);
CREATE INDEX audit_at ON audit (at);
