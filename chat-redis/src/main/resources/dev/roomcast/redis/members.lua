-- Who is in a room. Edges are decided and announced in the step that makes them.
--   seats: HASH session -> user id, one per room and node; nodes: SET of the nodes with seats; users: ZSET of user ids,
--   all of score 0, so in the order of their bytes; present: HASH user id -> "sessions:name"
local function announce(channel, sign, user, name, count)
  redis.call(PUBLISH, channel, '1U' .. sign .. digits(count) .. ' ' .. #user .. ' ' .. user .. name)
end

local function sessions_and_name(present, user)
  local before = redis.call('HGET', present, user)
  if not before then return 0, '' end
  local sessions, name = string.match(before, '^(%d+):(.*)$')
  return tonumber(sessions), name
end

-- One more session of the user; true when it is the first.
local function enter(users, present, channel, user, name)
  local sessions = sessions_and_name(present, user)
  redis.call('HSET', present, user, digits(sessions + 1) .. ':' .. name)
  if sessions > 0 then return false end
  redis.call('ZADD', users, 0, user)
  announce(channel, '+', user, name, redis.call('ZCARD', users))
  return true
end

-- One session of the user less; true when it was the last.
local function exit(users, present, channel, user)
  local sessions, name = sessions_and_name(present, user)
  if sessions == 0 then return false end
  if sessions > 1 then
    redis.call('HSET', present, user, digits(sessions - 1) .. ':' .. name)
    return false
  end
  redis.call('HDEL', present, user)
  redis.call('ZREM', users, user)
  announce(channel, '-', user, name, redis.call('ZCARD', users))
  return true
end

-- Notes in a log's meta when the last user left.
local function note_empty(users, meta)
  if redis.call('EXISTS', users) == 0 and redis.call('EXISTS', meta) == 1 then
    redis.call('HSET', meta, 'left', digits(now_ms()))
  end
end

-- Appends id and name of each user to the answer.
local function add_users(answer, present, ids)
  if #ids == 0 then return answer end
  for i, value in ipairs(redis.call('HMGET', present, unpack(ids))) do
    answer[#answer + 1] = ids[i]
    answer[#answer + 1] = value and string.match(value, '^%d+:(.*)$') or ids[i]
  end
  return answer
end
