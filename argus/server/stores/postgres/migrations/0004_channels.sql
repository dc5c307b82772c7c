-- Named places that messages go to. Target and secret have to be used as they are: they lie here in plain.
CREATE TABLE alert_channels (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    kind text NOT NULL,
    target text NOT NULL,
    secret text NOT NULL,
    created_at double precision NOT NULL,
    updated_at double precision NOT NULL
);
