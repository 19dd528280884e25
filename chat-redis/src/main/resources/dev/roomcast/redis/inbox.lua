-- Publishes to the nodes on which one of the users has a connected session, once to each.
-- sessions: keys of the users' sessions; session_key, inbox_channel: a key and a channel with "?" for the name
local function tell(sessions, session_key, inbox_channel, payload)
  local told = {}
  for _, key in ipairs(sessions) do
    for _, session in ipairs(redis.call('ZRANGEBYSCORE', key, '+inf', '+inf')) do
      local before, after = string.match(session_key, '^(.*)%?(.-)$')
      local node = redis.call('HGET', before .. session .. after, 'node')
      if node and not told[node] then
        told[node] = true
        before, after = string.match(inbox_channel, '^(.*)%?(.-)$')
        redis.call(PUBLISH, before .. node .. after, payload)
      end
    end
  end
end
