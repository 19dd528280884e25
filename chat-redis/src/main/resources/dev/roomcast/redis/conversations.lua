-- A page of a user's conversations, the newest first; of the same time in the reverse order of their names.
-- KEYS conversations; ARGV time to begin with or +inf, room to begin after or '', limit
-- Answer {room, time, ...} with one more than the limit when there are more
local function before(a, b)
  local n = math.min(#a, #b)
  for i = 1, n do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local answer, limit, at = {}, 2 * (tonumber(ARGV[3]) + 1), 0
while #answer < limit do
  local found = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[1], '-inf', 'WITHSCORES', 'LIMIT', at, 64)
  if #found == 0 then break end
  at = at + 64
  for i = 1, #found, 2 do
    -- Lua compares by the collation of the C library: bytes are compared here.
    if #answer < limit and (ARGV[2] == '' or found[i + 1] ~= ARGV[1] or before(found[i], ARGV[2])) then
      answer[#answer + 1] = found[i]
      answer[#answer + 1] = found[i + 1]
    end
  end
end
return answer
