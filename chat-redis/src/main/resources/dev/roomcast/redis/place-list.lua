-- The sessions of a user as they are noted.
-- KEYS places
-- Answer {session, version, node, 1 = connected, ...}
local answer, now, found = {}, now_ms(), redis.call('HGETALL', KEYS[1])
for i = 1, #found, 2 do
  local version, ends, node = place_of(found[i + 1])
  if ends > now then
    local n = #answer
    answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = found[i], digits(version), node,
      ends == math.huge and '1' or '0'
  end
end
return answer
