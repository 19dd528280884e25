-- Moves a sink's cursor, when it is this node's.
-- KEYS cursor; ARGV node, ms, epoch, offset
-- Answer 1 when it was
if redis.call('HGET', KEYS[1], 'node') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'until', digits(now_ms() + tonumber(ARGV[2])), 'epoch', ARGV[3], 'offset', ARGV[4])
return 1
