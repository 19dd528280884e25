-- How many users a room has, and its settings; takes a room that nobody created and that has neither users nor a log off
-- the list of rooms.
-- KEYS users, log, meta, settings; not in a cluster: rooms; ARGV room, default age
-- Answer {count, field, value, ...}; the count is -1 when the room is over
local count = redis.call('ZCARD', KEYS[1])
local answer = redis.call('HGETALL', KEYS[4])
table.insert(answer, 1, count)
if count > 0 or #answer > 1 then return answer end
local newest = redis.call('LINDEX', KEYS[2], -1)
if newest then
  local age = tonumber(redis.call('HGET', KEYS[3], 'age') or ARGV[2])
  if tonumber(string.match(newest, '^%-?%d+')) >= now_ms() - age then return answer end
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[3], 'bytes', '0')
end
if KEYS[5] then redis.call('ZREM', KEYS[5], ARGV[1]) end
return {-1}
