-- Notes a room of a session, if there is such a session; the note ends with it.
-- KEYS session, its rooms; ARGV room
local ttl = redis.call('PTTL', KEYS[1])
if ttl == -2 then return end
redis.call('SADD', KEYS[2], ARGV[1])
if ttl >= 0 then redis.call('PEXPIRE', KEYS[2], ttl) end
