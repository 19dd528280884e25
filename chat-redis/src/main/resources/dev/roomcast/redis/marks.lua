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

-- So many users have a mark in a room: guests never come back for theirs. Whose mark is the oldest of a few at random goes.
local MARKS, SOME = 10000, 5
local function bound_marks(marks, born)
  for _ = MARKS + 1, redis.call('HLEN', marks) do
    local some = redis.call('HRANDFIELD', marks, SOME, 'WITHVALUES')
    local oldest, least = some[1], math.huge
    for i = 1, #some, 2 do
      local offset, _, of = string.match(some[i + 1], '^(%d+) (%d+) (.*)$')
      offset = of == born and tonumber(offset) or 0
      if offset < least then oldest, least = some[i], offset end
    end
    redis.call('HDEL', marks, oldest)
  end
end
