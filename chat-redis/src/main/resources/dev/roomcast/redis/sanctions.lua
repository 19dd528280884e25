-- For how many ms more a user is muted and banned: -1 = without an end, 0 = not at all.
-- KEYS mutes, bans; ARGV user
local function left(key)
  local score = redis.call('ZSCORE', key, ARGV[1])
  if not score then return 0 end
  if score == 'inf' then return -1 end
  return math.max(0, math.ceil(tonumber(score) - now_ms()))
end
return {left(KEYS[1]), left(KEYS[2])}
