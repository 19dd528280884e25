-- Changes fields of a created room's settings; an empty value takes the field away.
-- KEYS settings; ARGV field, value, ...
-- Answer 1, or 0 when there is no such room
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
for i = 1, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return 1
