-- Appends one publisher's batch to a room's log and announces it, in one atomic step. Safe to repeat: the last batch of
-- each publisher is remembered with its answer.
-- KEYS log, meta, batches, keys, older keys, rooms
-- ARGV run, fresh epoch, channel, room, publisher, batch number, count, age, size; per draft: key or '', ts, body
-- Answer "batch|time|epoch|items": "first" = all fresh from this offset on, else ',' between an offset for each fresh
-- draft and "=epoch:offset:ts" for each that was logged before.
local KEY_WINDOW = 600000
local log, meta, batches, keys, older, rooms = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local channel, room, publisher, batch = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local FIRST = 10
local drafts = (#ARGV - FIRST + 1) / 3

local last = redis.call('HGET', batches, publisher)
if last then
  local done = tonumber(string.match(last, '^%d+'))
  if done == batch then return last end
  -- A copy that was on its way for long: its publisher has given it up or has had its answer.
  if done > batch then return redis.error_reply('STALE batch') end
end

local now = now_ms()
local epoch, top, _, bytes = open_log(log, meta, ARGV[1], ARGV[2], true)
local count, age, size = retention(meta, ARGV[7], ARGV[8], ARGV[9])

local keyed = {}
for i = 0, drafts - 1 do
  local key = ARGV[FIRST + 3 * i]
  if key ~= '' then keyed[#keyed + 1] = key end
end
local known = {}
if #keyed > 0 then
  -- Two windows: a key lives at least one of them, at most two.
  local since = tonumber(redis.call('HGET', meta, 'keys') or '0')
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

local entries, items, remember, first, all_fresh = {}, {}, {}, top + 1, true
for i = 0, drafts - 1 do
  local key, ts, body = ARGV[FIRST + 3 * i], ARGV[FIRST + 3 * i + 1], ARGV[FIRST + 3 * i + 2]
  local old = key ~= '' and known[key]
  if old then
    items[#items + 1] = '=' .. old
    all_fresh = false
  else
    top = top + 1
    bytes = bytes + #body
    local offset = digits(top)
    items[#items + 1] = offset
    entries[#entries + 1] = ts .. ':' .. body
    if key ~= '' then
      known[key] = epoch .. ':' .. offset .. ':' .. ts
      remember[#remember + 1] = key
      remember[#remember + 1] = known[key]
    end
  end
end

if #entries > 0 then
  -- These two first: whatever else might fail, list and top belong together.
  local length = redis.call('RPUSH', log, unpack(entries))
  redis.call('HSET', meta, 'top', digits(top))
  if length == #entries then
    -- The log was empty: what was counted for it has expired.
    bytes = 0
    for _, entry in ipairs(entries) do bytes = bytes + body_length(entry) end
    redis.call('ZADD', rooms, 0, room)
  end
  if #remember > 0 then
    redis.call('HSET', keys, unpack(remember))
    if redis.call('PTTL', keys) < 0 then redis.call('PEXPIRE', keys, 2 * KEY_WINDOW) end
  end
  bytes = trim_size(log, length, bytes, count, size)
  bytes = trim_age(log, bytes, now - age)
  redis.call('HSET', meta, 'bytes', digits(bytes))
  keep(log, meta, age)
  local announcement = {'1P', epoch, ' ', digits(first), ' ', #entries, '\n'}
  for _, entry in ipairs(entries) do
    announcement[#announcement + 1] = #entry
    announcement[#announcement + 1] = '\n'
    announcement[#announcement + 1] = entry
  end
  redis.call('PUBLISH', channel, table.concat(announcement))
end

local answer = table.concat({digits(batch), digits(now), epoch,
  all_fresh and digits(first) or table.concat(items, ',')}, '|')
if not last and redis.call('HLEN', batches) >= 64 then
  -- Nodes that are long gone left their last batches here.
  local all = redis.call('HGETALL', batches)
  for i = 1, #all, 2 do
    local at = tonumber(string.match(all[i + 1], '^%d+|(%d+)'))
    if now - at > KEY_WINDOW then redis.call('HDEL', batches, all[i]) end
  end
end
redis.call('HSET', batches, publisher, answer)
redis.call('PEXPIRE', batches, KEY_WINDOW)
return answer
