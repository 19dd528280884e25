-- How many users a room has; takes a room that has neither users nor a log off the list of rooms.
-- KEYS users, log, rooms, meta; ARGV room, default age
-- Answer -1 when the room is over
local count = redis.call('ZCARD', KEYS[1])
if count > 0 then return count end
local newest = redis.call('LINDEX', KEYS[2], -1)
if newest then
  local age = tonumber(redis.call('HGET', KEYS[4], 'age') or ARGV[2])
  if tonumber(string.match(newest, '^%-?%d+')) >= now_ms() - age then return 0 end
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[4], 'bytes', '0')
end
redis.call('ZREM', KEYS[3], ARGV[1])
return -1
