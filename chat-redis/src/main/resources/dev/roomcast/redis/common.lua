-- Shared by all scripts that ask for the time: Redis before 7 replicates their effects only when told to.
if redis.replicate_commands then redis.replicate_commands() end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Numbers go to Redis as whole digits; Lua would write large ones as 1e+15. ('%.0f' does the same, but slower.)
local format = string.format
local function digits(number)
  return format('%d', number)
end
