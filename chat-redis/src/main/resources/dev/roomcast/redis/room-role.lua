-- What a user is in a room.
-- KEYS settings, invited, users; ARGV user
-- Answer {created, private, owner, moderator, invited, member, slow ms}
local user = ARGV[1]
local s = redis.call('HMGET', KEYS[1], 'created', 'private', 'owner', 'm:' .. user, 'slow')
return {s[1] and 1 or 0, s[2] == '1' and 1 or 0, s[1] and s[3] == user and 1 or 0, s[4] and 1 or 0,
  redis.call('SISMEMBER', KEYS[2], user), redis.call('ZSCORE', KEYS[3], user) and 1 or 0, tonumber(s[5] or '0')}
