-- Reserves a place among the rooms of a user.
-- KEYS user's rooms; ARGV room, most or 0
-- Answer 1, or 0 when there are too many
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 1 end
local most = tonumber(ARGV[2])
if most > 0 and redis.call('ZCARD', KEYS[1]) >= most then return 0 end
redis.call('ZADD', KEYS[1], digits(now_ms()), ARGV[1])
return 1
