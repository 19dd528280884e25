-- A page of a room's users in the order of their ids.
-- KEYS users, present; ARGV after or '', limit
-- Answer {count, more, id, name, ...}
local after, limit = ARGV[1], tonumber(ARGV[2])
local ids = redis.call('ZRANGEBYLEX', KEYS[1], after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, limit + 1)
local more = #ids > limit
if more then ids[#ids] = nil end
return add_users({digits(redis.call('ZCARD', KEYS[1])), more and '1' or '0'}, KEYS[2], ids)
