-- Makes a session a node's own under a new secret, when the present secret is right.
-- KEYS session, its rooms, new node's sessions; ARGV secret hash, new secret hash, node, session
-- Answer {user id, name, node before, rooms...}, empty when there is no such session
local s = redis.call('HMGET', KEYS[1], 'secret', 'user', 'name', 'node')
if not s[1] or s[1] ~= ARGV[1] then return {} end
redis.call('HSET', KEYS[1], 'secret', ARGV[2], 'node', ARGV[3])
redis.call('PERSIST', KEYS[1])
redis.call('PERSIST', KEYS[2])
redis.call('SADD', KEYS[3], ARGV[4])
local answer = {s[2], s[3], s[4]}
for _, room in ipairs(redis.call('SMEMBERS', KEYS[2])) do answer[#answer + 1] = room end
return answer
