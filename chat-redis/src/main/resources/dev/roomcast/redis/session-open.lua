-- Stores a session of a node, without rooms and without an end; not when it is another node's by now.
-- KEYS session, its rooms, node's sessions, user's sessions; ARGV user id, name, node, secret hash, session
-- Answer 1 when it is the node's
local node = redis.call('HGET', KEYS[1], 'node')
if node and node ~= ARGV[3] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'user', ARGV[1], 'name', ARGV[2], 'node', ARGV[3], 'secret', ARGV[4],
  'index', KEYS[4])
redis.call('SADD', KEYS[3], ARGV[5])
index_session(KEYS[4], ARGV[5], '+inf')
return 1
