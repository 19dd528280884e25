-- A room's log: LIST of "ts messages:body" or "ts;trace messages:body", whose last entry has the offset `top` of the meta HASH; `messages` are those
-- that were logged before the entry.
--   meta: epoch, top, run (the server process that wrote last), bytes (of all bodies), messages (that were ever logged),
--   born (the first epoch: read marks of another log count for nothing), past ("epoch:end ..." newest first), keys (when the window of idempotency keys began), count, age, size (the room's own retention),
--   due (when a batch has to say again how long the keys live), kept (by which age that was reckoned).
local EPOCHS_REMEMBERED = 8
local HOUR = 3600000

-- Reads the meta. The epoch is a fresh one when there is no log, and also when the server is another process than the
-- one that wrote last: what that one acknowledged after it last saved may be gone, so the old epoch ends here, at a
-- known offset, and offsets go on. The last of the results is what the meta said, with the rest of it at these places.
local COUNT, AGE, SIZE, KEYS_SINCE, DUE, KEPT = 8, 9, 10, 11, 12, 13
local function open_log(log, meta, run, fresh, create)
  local m = redis.call('HMGET', meta, 'epoch', 'top', 'run', 'past', 'bytes', 'messages', 'born', 'count', 'age', 'size',
    'keys', 'due', 'kept')
  local epoch, top, past = m[1], tonumber(m[2] or '0'), m[4] or ''
  if not epoch then
    if not create then return nil, 0, '', 0, 0, '', m end
    redis.call('DEL', log)
    redis.call('HSET', meta, 'epoch', fresh, 'top', '0', 'run', run, 'bytes', '0', 'past', '', 'messages', '0',
      'born', fresh)
    return fresh, 0, '', 0, 0, fresh, m
  end
  if m[3] ~= run then
    local ends, n = {epoch .. ':' .. digits(top)}, 1
    for past_end in string.gmatch(past, '%S+') do
      if n < EPOCHS_REMEMBERED then
        n = n + 1
        ends[n] = past_end
      end
    end
    past, epoch = table.concat(ends, ' '), fresh
    redis.call('HSET', meta, 'epoch', epoch, 'run', run, 'past', past)
  end
  return epoch, top, past, tonumber(m[5] or '0'), tonumber(m[6] or '0'), m[7] or '', m
end

local function messages_before(entry)
  return tonumber(string.match(entry, '^%-?%d+[^ ]* (%d+):'))
end

-- Up to which offset the log that somebody knew as `epoch` up to `offset` is certainly this one.
local function sure_of(epoch, top, past, asked_epoch, asked_offset)
  if asked_epoch == epoch then return math.min(asked_offset, top) end
  for past_epoch, past_end in string.gmatch(past, '(%S+):(%d+)') do
    if past_epoch == asked_epoch then return math.min(asked_offset, tonumber(past_end)) end
  end
  return 0
end

-- How long the room keeps its log: its own time, where it has one.
local function age_of(m, age)
  return tonumber(m[AGE] or age)
end

-- The same for who tells the keys' lifetimes out of turn: if by another age than the last batch, the next one tells them
-- again.
local function age_to_keep(meta, m, age)
  if m[KEPT] and m[KEPT] ~= (m[AGE] or age) then redis.call('HSET', meta, 'due', '0') end
  return age_of(m, age)
end

local function body_length(entry)
  return #entry - string.find(entry, ':', 1, true)
end

-- Removes what is too old; returns how many bytes are left.
local function trim_age(log, bytes, oldest)
  while true do
    local first = redis.call('LINDEX', log, 0)
    if not first then return 0 end
    if tonumber(string.match(first, '^%-?%d+')) >= oldest then return bytes end
    redis.call('LPOP', log)
    bytes = bytes - body_length(first)
  end
end

-- Removes what is too much, but only when it is a quarter too much: cutting has its price.
local function trim_size(log, length, bytes, count, size)
  if length <= count + math.floor(count / 4) and bytes <= size + math.floor(size / 4) then return bytes end
  local drop = 0
  while length - drop > count or bytes > size do
    local chunk = redis.call('LRANGE', log, drop, drop + 63)
    if #chunk == 0 then break end
    for _, entry in ipairs(chunk) do
      if length - drop <= count and bytes <= size then break end
      bytes = bytes - body_length(entry)
      drop = drop + 1
    end
  end
  redis.call('LTRIM', log, drop, -1)
  return bytes
end

-- Keys go by themselves when nobody uses the room any more. The meta outlives the log, because who was told an offset
-- may come back with it, and so do the read marks. They live a little longer than they have to, so that not every batch
-- has to say so again: what is logged until then lives its whole age all the same.
local function slack(age)
  return math.min(age / 16, 60000)
end

local function keep(log, meta, age)
  redis.call('PEXPIRE', log, digits(age + slack(age)))
  redis.call('PEXPIRE', meta, digits(math.max(2 * age, HOUR) + slack(age)))
end

local function keep_marks(marks, age)
  redis.call('PEXPIRE', marks, digits(math.max(2 * age, HOUR) + slack(age)))
end
