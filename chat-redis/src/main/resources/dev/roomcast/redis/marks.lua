-- Read marks of a room: HASH user -> "offset messages born"; so many messages are up to the offset.
local function mark_of(marks, user, born)
  local offset, messages, of = string.match(redis.call('HGET', marks, user) or '', '^(%d+) (%d+) (.*)$')
  if of ~= born then return nil, 0 end
  return tonumber(offset), tonumber(messages)
end

-- Has a mark that the user has, or false, and how many messages are above it, or are retained.
local function unread(log, marks, user, messages, born)
  local first = redis.call('LINDEX', log, 0)
  local retained = first and messages - messages_before(first) or 0
  local marked, read = mark_of(marks, user, born)
  return marked, marked and math.max(0, math.min(retained, messages - read)) or retained
end
