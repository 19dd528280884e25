-- Appends one publisher's batch to a room's log and announces it, in one atomic step. Safe to repeat: the last batch of
-- each publisher is remembered with its answer.
-- KEYS log, meta, batches, keys, older keys, read marks; rooms, or of a conversation: names; per user: conversations,
-- sessions. In a cluster neither rooms nor what is the users'.
-- ARGV run, fresh epoch, channel, room, publisher, batch number, count, age, size, number of users of a conversation, if
-- any: key of a session "?", channel of a node "?", per user: id, name or ''; per draft: key or '', ts, body, author or
-- '', number of revisions; per revision: offset, SHA-1 of the body expected there, body to be there
-- Answer "batch|time|epoch|items": "first" = all fresh from this offset on, else ',' between an offset for each fresh
-- draft, "=epoch:offset:ts" for each that was logged before, and "!" for each with a revision that does not fit. A row
-- of one item ends with a ',' unless it means "first".
local KEY_WINDOW = 600000
local log, meta, batches, keys, older, marks = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local channel, room, publisher, batch = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local USERS = 10
local users = tonumber(ARGV[USERS])
local FIRST = USERS + 1 + (users > 0 and 2 + 2 * users or 0)

-- Where each draft begins.
local drafts, keyed, at, ending = {}, {}, FIRST, #ARGV
while at <= ending do
  drafts[#drafts + 1] = at
  if ARGV[at] ~= '' then keyed[#keyed + 1] = ARGV[at] end
  at = at + 5 + (ARGV[at + 4] == '0' and 0 or 3 * tonumber(ARGV[at + 4]))
end

local last = redis.call('HGET', batches, publisher)
if last then
  local done = tonumber(string.match(last, '^%d+'))
  if done == batch then
    -- Replicas are waited for behind a write of the same connection, and this may be another one than before.
    redis.call('PEXPIRE', batches, KEY_WINDOW)
    return last
  end
  -- A copy that was on its way for long: its publisher has given it up or has had its answer.
  if done > batch then return redis.error_reply('STALE batch') end
end

local now = now_ms()
local epoch, top, _, bytes, messages, born, m = open_log(log, meta, ARGV[1], ARGV[2], true)
local count, size, kept = tonumber(m[COUNT] or ARGV[7]), tonumber(m[SIZE] or ARGV[9]), m[AGE] or ARGV[8]
local age = tonumber(kept)
local logged = top

local known = {}
if #keyed > 0 then
  -- Two windows: a key lives at least one of them, at most two.
  local since = tonumber(m[KEYS_SINCE] or '0')
  if now - since >= KEY_WINDOW then
    if now - since < 2 * KEY_WINDOW and redis.call('EXISTS', keys) == 1 then
      redis.call('RENAME', keys, older)
    else
      redis.call('DEL', keys, older)
    end
    redis.call('HSET', meta, 'keys', digits(now))
  end
  local present = redis.call('HMGET', keys, unpack(keyed))
  local before = redis.call('HMGET', older, unpack(keyed))
  for i, key in ipairs(keyed) do known[key] = present[i] or before[i] or nil end
end

-- Changes what is in the log, when all of it is as the draft expects; returns by how many bytes, nil when not.
local function revise(draft)
  local revisions, length, changed, grown = tonumber(ARGV[draft + 4]), nil, {}, 0
  if revisions == 0 then return 0 end
  length = redis.call('LLEN', log)
  for i = draft + 5, draft + 3 * revisions + 2, 3 do
    local index = tonumber(ARGV[i]) - logged - 1
    local entry = index < 0 and index >= -length and redis.call('LINDEX', log, index)
    if not entry then return nil end
    local head = #entry - body_length(entry)
    local body = string.sub(entry, head + 1)
    if redis.sha1hex(body) ~= ARGV[i + 1] then return nil end
    changed[#changed + 1] = {index, string.sub(entry, 1, head) .. ARGV[i + 2]}
    grown = grown + #ARGV[i + 2] - #body
  end
  for _, change in ipairs(changed) do redis.call('LSET', log, change[1], change[2]) end
  return grown
end

local entries, outcomes, remember, first, all_fresh, moved, numbers = {}, {}, {}, top + 1, true, {}, {}
for i, draft in ipairs(drafts) do
  local key, body, author = ARGV[draft], ARGV[draft + 2], ARGV[draft + 3]
  local old = key ~= '' and known[key]
  local grown = not old and (ARGV[draft + 4] == '0' and 0 or revise(draft))
  if old then
    outcomes[i] = '=' .. old
    all_fresh = false
  elseif not grown then
    outcomes[i] = '!'
    all_fresh = false
  else
    top = top + 1
    bytes = bytes + #body + grown
    outcomes[i] = top
    entries[#entries + 1] = ARGV[draft + 1] .. ' ' .. digits(messages) .. ':' .. body
    if author ~= '' then
      messages = messages + 1
      moved[author], numbers[author] = top, messages
    end
    if key ~= '' then
      known[key] = epoch .. ':' .. digits(top) .. ':' .. ARGV[draft + 1]
      remember[#remember + 1] = key
      remember[#remember + 1] = known[key]
    end
  end
end

local due = now >= tonumber(m[DUE] or '0') or m[KEPT] ~= kept
if #entries > 0 then
  -- These two first: whatever else might fail, list and top belong together.
  local length = redis.call('RPUSH', log, unpack(entries))
  if length == #entries then
    -- The log was empty: what was counted for it has expired.
    bytes, due = 0, true
    for _, entry in ipairs(entries) do bytes = bytes + body_length(entry) end
  end
  if due then
    redis.call('HSET', meta, 'top', digits(top), 'messages', digits(messages), 'bytes', digits(bytes),
      'due', digits(now + slack(age)), 'kept', kept)
  else
    redis.call('HSET', meta, 'top', digits(top), 'messages', digits(messages), 'bytes', digits(bytes))
  end
  if length == #entries and users == 0 and KEYS[7] then redis.call('ZADD', KEYS[7], 0, room) end
  if next(moved) then
    local changes = {}
    for author, offset in pairs(moved) do
      changes[#changes + 1] = author
      changes[#changes + 1] = digits(offset) .. ' ' .. digits(numbers[author]) .. ' ' .. born
    end
    local more = redis.call('HSET', marks, unpack(changes)) > 0
    if more then bound_marks(marks, born) end
    if more or due then keep_marks(marks, age) end
  end
  if #remember > 0 then
    redis.call('HSET', keys, unpack(remember))
    if redis.call('PTTL', keys) < 0 then redis.call('PEXPIRE', keys, 2 * KEY_WINDOW) end
  end
  local left = trim_size(log, length, bytes, count, size)
  if due then
    left = trim_age(log, left, now - age)
    keep(log, meta, age)
  end
  if left ~= bytes then redis.call('HSET', meta, 'bytes', digits(left)) end
  -- Made in one go: the server's Lua reads each byte of every string that it makes.
  local announced = epoch .. ' ' .. digits(first) .. ' ' .. digits(#entries) .. '\n'
  if #entries == 1 then
    announced = '1P' .. announced .. digits(#entries[1]) .. '\n' .. entries[1]
  else
    local parts = {'1P', announced}
    for i, entry in ipairs(entries) do
      parts[2 * i + 1] = digits(#entry) .. '\n'
      parts[2 * i + 2] = entry
    end
    announced = table.concat(parts)
  end
  redis.call(PUBLISH, channel, announced)
  if users > 0 then
    -- Its users find the room among their conversations, and their nodes hear of it without a subscription.
    local lasts, sessions = math.max(2 * age, HOUR), {}
    for i = 1, users do
      local id, name = ARGV[USERS + 1 + 2 * i], ARGV[USERS + 2 + 2 * i]
      if name ~= '' then redis.call('HSET', KEYS[7], id, name) end
      local conversations = KEYS[6 + 2 * i]
      if conversations then
        redis.call('ZADD', conversations, digits(now), room)
        if redis.call('PTTL', conversations) < lasts then redis.call('PEXPIRE', conversations, digits(lasts)) end
        sessions[i] = KEYS[7 + 2 * i]
      end
    end
    redis.call('PEXPIRE', KEYS[7], digits(lasts))
    tell(sessions, ARGV[USERS + 1], ARGV[USERS + 2], '1D' .. #room .. ' ' .. room .. string.sub(announced, 3))
  end
end

local items = digits(first)
if not all_fresh then
  for i, outcome in ipairs(outcomes) do
    if type(outcome) == 'number' then outcomes[i] = digits(outcome) end
  end
  items = table.concat(outcomes, ',') .. ','
end
local answer = ARGV[6] .. '|' .. digits(now) .. '|' .. epoch .. '|' .. items
if not last and redis.call('HLEN', batches) >= 64 then
  -- Nodes that are long gone left their last batches here.
  local all = redis.call('HGETALL', batches)
  for i = 1, #all, 2 do
    local at = tonumber(string.match(all[i + 1], '^%d+|(%d+)'))
    if now - at > KEY_WINDOW then redis.call('HDEL', batches, all[i]) end
  end
end
redis.call('HSET', batches, publisher, answer)
if due or not last then redis.call('PEXPIRE', batches, digits(KEY_WINDOW + slack(age))) end
return answer
