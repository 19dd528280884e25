-- Removes some of the seats that a dead node holds in a room.
-- KEYS seats, nodes, users, present, meta; not in a cluster: node's rooms; ARGV channel, node, room, at most about so many
-- Answer {how many were removed, 1 = there are no more}
local seats, removed = KEYS[1], 0
local found = redis.call('HSCAN', seats, '0', 'COUNT', ARGV[4])[2]
for i = 1, #found, 2 do
  redis.call('HDEL', seats, found[i])
  exit(KEYS[3], KEYS[4], ARGV[1], found[i + 1])
  removed = removed + 1
end
note_empty(KEYS[3], KEYS[5])
if redis.call('EXISTS', seats) == 0 then
  redis.call('SREM', KEYS[2], ARGV[2])
  if KEYS[6] then redis.call('SREM', KEYS[6], ARGV[3]) end
  return {removed, 1}
end
return {removed, 0}
