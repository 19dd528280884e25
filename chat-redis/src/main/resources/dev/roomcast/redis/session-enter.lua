-- Notes a room of a node's session, or takes the note back; it ends with the session.
-- KEYS session, its rooms; ARGV node, room, 1 = enter or 0 = exit
if redis.call('HGET', KEYS[1], 'node') ~= ARGV[1] then return end
if ARGV[3] == '0' then
  redis.call('SREM', KEYS[2], ARGV[2])
  return
end
redis.call('SADD', KEYS[2], ARGV[2])
local ttl = redis.call('PTTL', KEYS[1])
if ttl >= 0 then redis.call('PEXPIRE', KEYS[2], ttl) end
