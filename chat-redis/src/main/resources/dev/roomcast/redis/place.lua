-- Notes where a session is and how long its record lasts, unless what is noted is newer.
-- KEYS places; ARGV session, version or '' = the newest, ms, 0 = it is over, '' = it has a connection, node
local now = now_ms()
local version = ARGV[2] == '' and now * 1000 or tonumber(ARGV[2])
local old = redis.call('HGET', KEYS[1], ARGV[1])
if not old or place_of(old) < version then
  local ends = ARGV[3] == '' and 'inf' or digits(now + tonumber(ARGV[3]))
  redis.call('HSET', KEYS[1], ARGV[1], digits(version) .. ' ' .. ends .. ' ' .. ARGV[4])
end
local last, found = 0, redis.call('HGETALL', KEYS[1])
for i = 1, #found, 2 do
  local _, ends = place_of(found[i + 1])
  if ends + KEPT < now then redis.call('HDEL', KEYS[1], found[i]) end
  last = math.max(last, ends)
end
if last == math.huge then
  redis.call('PERSIST', KEYS[1])
else
  redis.call('PEXPIREAT', KEYS[1], digits(last + KEPT))
end
