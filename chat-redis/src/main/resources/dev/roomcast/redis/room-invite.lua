-- Invites a user to a created room, or takes the invitation back.
-- KEYS settings, invited; ARGV user, most, or '' to take it back
-- Answer 1 done, 0 it was so before, -1 too many, -2 no such room
if redis.call('EXISTS', KEYS[1]) == 0 then return -2 end
if ARGV[2] == '' then return redis.call('SREM', KEYS[2], ARGV[1]) end
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1 then return 0 end
if redis.call('SCARD', KEYS[2]) >= tonumber(ARGV[2]) then return -1 end
return redis.call('SADD', KEYS[2], ARGV[1])
