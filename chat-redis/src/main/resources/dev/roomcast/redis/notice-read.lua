-- The notices after a number; a negative one reads none.
-- KEYS notices, number of the last one; ARGV after, at most
-- Answer {last of these, missed, notices...}
local after, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
if after == last or after < 0 then return {digits(last), '0'} end
local first = last - redis.call('LLEN', KEYS[1]) + 1
local missed = after > last or after + 1 < first
local from = missed and first or after + 1
local answer = redis.call('LRANGE', KEYS[1], from - first, from - first + most - 1)
local read = digits(#answer == 0 and last or from + #answer - 1)
table.insert(answer, 1, missed and '1' or '0')
table.insert(answer, 1, read)
return answer
