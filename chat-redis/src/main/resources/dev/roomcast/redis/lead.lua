-- Notes that a node may have sessions in a room, before it has: whoever removes what a dead node left begins here.
-- KEYS node's rooms; ARGV room
redis.call('ZADD', KEYS[1], digits(now_ms()), ARGV[1])
