CREATE TABLE entries (
  id bigint PRIMARY KEY,
  note text DEFAULT ''
);
