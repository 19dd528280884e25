-- Ends a session's membership on a node.
-- KEYS seats, nodes, users, present, meta; not in a cluster: node's rooms; ARGV session, channel, node, room
-- Answer 1 when it was the user's last session in the room
local user = redis.call('HGET', KEYS[1], ARGV[1])
if not user then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('SREM', KEYS[2], ARGV[3])
  if KEYS[6] then redis.call('SREM', KEYS[6], ARGV[4]) end
end
local last = exit(KEYS[3], KEYS[4], ARGV[2], user)
note_empty(KEYS[3], KEYS[5])
return last and 1 or 0
