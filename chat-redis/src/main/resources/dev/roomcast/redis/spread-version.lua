-- A session's record has a number that grows with each change, also over the end of the record: what is noted of it in
-- the slot of its user is older or newer by that.
local function next_version(before)
  local time = redis.call('TIME')
  return digits(math.max(tonumber(before or '0') + 1, time[1] * 1000000 + time[2]))
end
