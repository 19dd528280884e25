-- Stores a session of a node, without rooms and without an end; not when it is another node's by now.
-- KEYS session, its rooms; ARGV user id, name, node, secret hash
-- Answer {1 = it is the node's, version}
local s = redis.call('HMGET', KEYS[1], 'node', 'version')
if s[1] and s[1] ~= ARGV[3] then return {'0', '0'} end
local version = next_version(s[2])
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'user', ARGV[1], 'name', ARGV[2], 'node', ARGV[3], 'secret', ARGV[4], 'version', version)
return {'1', version}
