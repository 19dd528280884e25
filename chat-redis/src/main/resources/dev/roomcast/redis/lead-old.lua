-- Rooms of which a node has not said for long that it may have sessions there.
-- KEYS node's rooms; ARGV ms, most
-- Answer {room, when, ...}
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', digits(now_ms() - tonumber(ARGV[1])), 'WITHSCORES', 'LIMIT', 0, ARGV[2])
