-- What was logged, as clients got it. An epoch is a life of a room's log; within one, offsets have no holes.
CREATE TABLE publication (
  room       VARCHAR(512) NOT NULL,
  epoch      VARCHAR(64)  NOT NULL,
  log_offset BIGINT       NOT NULL,
  ts         BIGINT       NOT NULL,
  body       TEXT         NOT NULL,
  PRIMARY KEY (room, epoch, log_offset)
);

-- How far each room has been written: moved in the transaction that writes.
CREATE TABLE archived (
  room       VARCHAR(512) NOT NULL PRIMARY KEY,
  epoch      VARCHAR(64)  NOT NULL,
  log_offset BIGINT       NOT NULL
);

-- What is missing, or may be other than what was written: the log did not have it any more.
CREATE TABLE archive_gap (
  room        VARCHAR(512) NOT NULL,
  epoch       VARCHAR(64)  NOT NULL,
  from_offset BIGINT       NOT NULL,
  to_offset   BIGINT       NOT NULL,
  PRIMARY KEY (room, epoch, from_offset)
);
