-- Takes tokens out of a user's bucket, which may go into debt for what was used already.
-- KEYS bucket; ARGV used, wanted, per second, burst
-- Answer {taken, ms until half of what was wanted is there}
local used, wanted = tonumber(ARGV[1]), tonumber(ARGV[2])
local per_ms, burst = tonumber(ARGV[3]) / 1000, tonumber(ARGV[4])
local now = now_ms()
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = burst
if bucket[1] then
  local gained = math.max(0, now - tonumber(bucket[2])) * per_ms
  tokens = math.min(burst, tonumber(bucket[1]) + gained)
end
tokens = math.max(-burst, tokens - used)
local taken = math.max(0, math.min(wanted, math.floor(tokens)))
tokens = tokens - taken
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', digits(now))
-- A full bucket is like none.
redis.call('PEXPIRE', KEYS[1], digits(math.max(1, math.ceil((burst - tokens) / per_ms))))
local wait = 0
if taken == 0 then
  wait = math.max(1, math.ceil((math.max(1, wanted / 2) - tokens) / per_ms))
end
return {taken, wait}
