-- Ends a session of a node after some time, 0 = now. Does nothing but tidy when it is another node's by now.
-- KEYS session, its rooms, node's sessions; ARGV node, ms, session
local ms = tonumber(ARGV[2])
local s = redis.call('HMGET', KEYS[1], 'node', 'index')
if s[1] == ARGV[1] then
  if ms > 0 then
    redis.call('PEXPIRE', KEYS[1], ms)
    redis.call('PEXPIRE', KEYS[2], ms)
    index_session(s[2], ARGV[3], digits(now_ms() + ms))
    return
  end
  redis.call('DEL', KEYS[1], KEYS[2])
  unindex_session(s[2], ARGV[3])
end
if ms <= 0 then redis.call('SREM', KEYS[3], ARGV[3]) end
