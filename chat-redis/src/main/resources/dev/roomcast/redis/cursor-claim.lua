-- Makes a sink's cursor a node's for a while, unless another node has it.
-- KEYS cursor; ARGV node, ms
-- Answer {epoch, offset}, empty when another node has it
local c = redis.call('HMGET', KEYS[1], 'node', 'until', 'epoch', 'offset')
local now = now_ms()
if c[1] and c[1] ~= ARGV[1] and tonumber(c[2]) > now then
  return {}
end
redis.call('HSET', KEYS[1], 'node', ARGV[1], 'until', digits(now + tonumber(ARGV[2])))
return {c[3] or '', c[4] or '0'}
