-- Up Migration
CREATE TABLE bench.flight (
  flight_id text    PRIMARY KEY,
  events    integer NOT NULL
);
