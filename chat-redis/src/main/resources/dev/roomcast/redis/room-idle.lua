-- Ends the log of a room that nobody created and that has been without members and news for long.
-- KEYS settings, users, log, meta, keys, older keys; not in a cluster: rooms; ARGV run, fresh epoch, idle ms, room
-- Answer 1 when it was ended
-- A moderation log goes with the room that it is about.
if string.sub(ARGV[4], 1, 4) == 'mod:' then return 0 end
if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local before = now_ms() - tonumber(ARGV[3])
local newest = redis.call('LINDEX', KEYS[3], -1)
if not newest or tonumber(string.match(newest, '^%-?%d+')) >= before then return 0 end
if tonumber(redis.call('HGET', KEYS[4], 'left') or '0') >= before then return 0 end
redis.call('DEL', KEYS[3], KEYS[5], KEYS[6])
redis.call('HSET', KEYS[4], 'epoch', ARGV[2], 'top', '0', 'run', ARGV[1], 'bytes', '0', 'past', '',
  'messages', '0', 'born', ARGV[2])
if KEYS[7] then redis.call('ZREM', KEYS[7], ARGV[4]) end
return 1
