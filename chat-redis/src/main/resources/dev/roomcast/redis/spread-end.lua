-- Ends a session of a node after some time, 0 = now. Does nothing when it is another node's by now.
-- KEYS session, its rooms; ARGV node, ms
-- Answer {1 = done, 0 = there is none, -1 = another node's; user id, version}
local ms = tonumber(ARGV[2])
local s = redis.call('HMGET', KEYS[1], 'node', 'user', 'version')
if not s[1] then return {'0', '', ''} end
if s[1] ~= ARGV[1] then return {'-1', '', ''} end
local version = next_version(s[3])
if ms > 0 then
  redis.call('HSET', KEYS[1], 'version', version)
  redis.call('PEXPIRE', KEYS[1], ms)
  redis.call('PEXPIRE', KEYS[2], ms)
else
  redis.call('DEL', KEYS[1], KEYS[2])
end
return {'1', s[2], version}
