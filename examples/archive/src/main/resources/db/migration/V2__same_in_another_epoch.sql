-- A publication comes again under another epoch when Redis was restarted before its place was noted.
CREATE INDEX publication_offset ON publication (room, log_offset, ts);
