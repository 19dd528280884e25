-- The sessions of a user.
-- KEYS user's sessions; ARGV key of a session "?"
-- Answer {session, user id, name, node, 1 = connected, ...}
local answer = {}
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. digits(now_ms()), '+inf', 'WITHSCORES')
local before, after = string.match(ARGV[1], '^(.*)%?(.-)$')
for i = 1, #found, 2 do
  local s = redis.call('HMGET', before .. found[i] .. after, 'user', 'name', 'node')
  if s[1] then
    local n = #answer
    answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = found[i], s[1], s[2], s[3]
    answer[n + 5] = found[i + 1] == 'inf' and '1' or '0'
  end
end
return answer
