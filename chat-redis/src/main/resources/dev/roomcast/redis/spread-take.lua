-- Makes a session a node's own under a new secret, when the present secret is right. Safe to repeat.
-- KEYS session, its rooms; ARGV secret hash, new secret hash, node
-- Answer {version, user id, name, node before, rooms...}, empty when there is no such session
local s = redis.call('HMGET', KEYS[1], 'secret', 'user', 'name', 'node', 'from', 'version')
local before, version = s[4], s[6]
if s[1] and s[1] == ARGV[2] and before == ARGV[3] then
  before = s[5] -- done already: the answer was lost
elseif not s[1] or s[1] ~= ARGV[1] then
  return {}
else
  version = next_version(version)
  redis.call('HSET', KEYS[1], 'secret', ARGV[2], 'node', ARGV[3], 'from', before, 'version', version)
  redis.call('PERSIST', KEYS[1])
  redis.call('PERSIST', KEYS[2])
end
local answer = {version, s[2], s[3], before}
for _, room in ipairs(redis.call('SMEMBERS', KEYS[2])) do answer[#answer + 1] = room end
return answer
