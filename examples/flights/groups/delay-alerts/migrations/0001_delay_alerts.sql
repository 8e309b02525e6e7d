-- Up Migration
CREATE TABLE flights.delay_alert (
  flight_id     text        PRIMARY KEY,
  destination   text        NOT NULL,
  delay_minutes integer     NOT NULL,
  event_id      text        NOT NULL,
  recorded_at   timestamptz NOT NULL DEFAULT now()
);
