-- Creates a room, unless there is one or the owner has too many.
-- KEYS settings, users, log, meta; not in a cluster: rooms, rooms of the owner
-- ARGV room, default age, most or 0, owner id or '', owner name, private 0/1, title, slow ms
-- Answer 1 created, 0 exists, -1 too many
local settings, room = KEYS[1], ARGV[1]
if redis.call('EXISTS', settings) == 1 or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local newest = redis.call('LINDEX', KEYS[3], -1)
if newest then
  local age = tonumber(redis.call('HGET', KEYS[4], 'age') or ARGV[2])
  if tonumber(string.match(newest, '^%-?%d+')) >= now_ms() - age then return 0 end
end
local most = tonumber(ARGV[3])
if ARGV[4] ~= '' and KEYS[6] then
  if most > 0 and redis.call('SCARD', KEYS[6]) >= most then return -1 end
  redis.call('SADD', KEYS[6], room)
end
redis.call('HSET', settings, 'created', digits(now_ms()), 'owner', ARGV[4], 'name', ARGV[5], 'private', ARGV[6],
  'title', ARGV[7], 'slow', ARGV[8])
if KEYS[5] then redis.call('ZADD', KEYS[5], 0, room) end
return 1
