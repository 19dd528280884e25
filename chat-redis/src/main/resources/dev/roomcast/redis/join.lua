-- Makes a session a member of a room, or moves its membership here from another node.
-- KEYS seats, nodes, users, present, seats of the other node; not in a cluster: rooms, node's rooms, rooms of the other
-- ARGV session, user id, name, channel, node, room, sample, other node or ''
-- Answer {first, count, id, name, ...}
local seats, nodes, users, present, theirs, rooms, node_rooms = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local session, user, name, channel, node, room, other = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[8]

local first = false
local moved = false
if other ~= '' and other ~= node then
  moved = redis.call('HDEL', theirs, session) == 1
  if moved and redis.call('EXISTS', theirs) == 0 then
    redis.call('SREM', nodes, other)
    if KEYS[8] then redis.call('SREM', KEYS[8], room) end
  end
end
local new = redis.call('HSET', seats, session, user) == 1
if new and not moved then
  first = enter(users, present, channel, user, name)
elseif moved and not new then
  -- It was counted on both nodes: the other one's place is given up.
  exit(users, present, channel, user)
end
if new then
  redis.call('SADD', nodes, node)
  if node_rooms then redis.call('SADD', node_rooms, room) end
  if rooms and string.sub(room, 1, 3) ~= 'dm:' then redis.call('ZADD', rooms, 0, room) end
end
return add_users({first and '1' or '0', digits(redis.call('ZCARD', users))}, present,
  redis.call('ZRANGE', users, 0, tonumber(ARGV[7]) - 1))
