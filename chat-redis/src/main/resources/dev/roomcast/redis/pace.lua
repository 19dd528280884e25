-- Lets a user say one thing per interval; the same again, by its key, at once.
-- KEYS pace; ARGV key of the message or '', interval ms
-- Answer ms to wait, 0 = now
local wait = redis.call('PTTL', KEYS[1])
if wait > 0 then
  if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) == ARGV[1] then return 0 end
  return wait
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0
