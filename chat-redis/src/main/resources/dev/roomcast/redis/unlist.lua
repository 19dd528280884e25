-- Takes a room that is over off the list, unless it was put there lately: it may have begun again.
-- KEYS rooms, when they were put there; ARGV room, ms
local at = redis.call('HGET', KEYS[2], ARGV[1])
if at and tonumber(at) > now_ms() - tonumber(ARGV[2]) then return end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
