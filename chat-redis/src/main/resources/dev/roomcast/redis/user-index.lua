-- A user's sessions: ZSET of their ids by the time when their records end, +inf while they have a connection. A session
-- knows the key, so that whoever ends it need not know the user.
local function tidy_index(index)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', digits(now_ms()))
  local last = redis.call('ZREVRANGE', index, 0, 0, 'WITHSCORES')[2]
  if last == 'inf' then
    redis.call('PERSIST', index)
  elseif last then
    redis.call('PEXPIREAT', index, digits(tonumber(last)))
  end
end

local function index_session(index, session, ends)
  redis.call('ZADD', index, ends, session)
  tidy_index(index)
end

local function unindex_session(index, session)
  redis.call('ZREM', index, session)
  tidy_index(index)
end
