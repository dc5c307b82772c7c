-- A row's body is its JSON document, opaque to the database; columns are what is searched for.
CREATE TABLE alert_rules (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    app text,
    enabled integer NOT NULL,
    revision integer NOT NULL,
    body text NOT NULL
);

-- The version changes with every transition: of two servers that judge the same state, one is too late.
CREATE TABLE alert_states (
    rule_id bigint NOT NULL REFERENCES alert_rules ON DELETE CASCADE,
    app text NOT NULL,
    revision integer NOT NULL,
    incident integer NOT NULL,
    version bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (rule_id, app)
);

CREATE INDEX alert_states_incidents ON alert_states (app) WHERE incident = 1;

CREATE TABLE alert_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_id bigint NOT NULL,
    app text NOT NULL,
    state text NOT NULL,
    at double precision NOT NULL,
    body text NOT NULL
);
CREATE INDEX alert_events_rule ON alert_events (rule_id, id);
CREATE INDEX alert_events_app ON alert_events (app, at);
CREATE INDEX alert_events_at ON alert_events (at);

-- The outbox: what is to be sent, written with the event in one transaction.
CREATE TABLE alert_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id bigint NOT NULL REFERENCES alert_events ON DELETE CASCADE,
    kind text NOT NULL,
    target text NOT NULL,
    content text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    attempts integer NOT NULL,
    created_at double precision NOT NULL,
    next_at double precision NOT NULL
);
CREATE INDEX alert_deliveries_due ON alert_deliveries (next_at) WHERE state = 'pending';
CREATE INDEX alert_deliveries_event ON alert_deliveries (event_id);

CREATE TABLE alert_attempts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    delivery_id bigint NOT NULL REFERENCES alert_deliveries ON DELETE CASCADE,
    at double precision NOT NULL,
    ok integer NOT NULL,
    answer text NOT NULL
);
CREATE INDEX alert_attempts_delivery ON alert_attempts (delivery_id);
CREATE INDEX alert_attempts_at ON alert_attempts (at);

CREATE TABLE alert_silences (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    app text,
    starts double precision NOT NULL,
    over_at double precision,
    body text NOT NULL
);
