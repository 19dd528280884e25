-- Takes a room off a node's, unless that was noted again meanwhile.
-- KEYS node's rooms; ARGV room, when
if redis.call('ZSCORE', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('ZREM', KEYS[1], ARGV[1]) end
