-- Notes a conversation of a user after something was logged in it.
-- KEYS conversations, places; ARGV room, ms since 1970 or '' = now, how long it lasts
-- Answer the nodes on which the user has a connected session
redis.call('ZADD', KEYS[1], 'GT', ARGV[2] == '' and digits(now_ms()) or ARGV[2], ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return connected_nodes(KEYS[2])
