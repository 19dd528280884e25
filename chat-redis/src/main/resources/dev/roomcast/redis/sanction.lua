-- Mutes or bans a user for so long, and forgets those whose time is over.
-- KEYS sanctions; ARGV user, ms, or '' for ever
local now = now_ms()
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', digits(now))
redis.call('ZADD', KEYS[1], ARGV[2] == '' and '+inf' or digits(now + tonumber(ARGV[2])), ARGV[1])
