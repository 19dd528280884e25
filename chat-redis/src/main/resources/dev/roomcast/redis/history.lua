-- Reads a part of a room's log, in one atomic step.
-- KEYS log, meta; ARGV run, fresh epoch, create (1: the room gets a log), kind, epoch, offset, limit, bytes of a page,
-- age
-- Answer {epoch, top, sure, first offset, more, entries...}; the page is cut at the bytes given.
local CHUNK = 64
local log, meta = KEYS[1], KEYS[2]
local kind, asked_epoch, asked, limit, page_bytes = ARGV[4], ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]),
  tonumber(ARGV[8])

local epoch, top, past, bytes, _, _, m = open_log(log, meta, ARGV[1], ARGV[2], ARGV[3] == '1')
if not epoch then return {'', '0', '0', '1', '0'} end

local age = age_to_keep(meta, m, ARGV[9])
local left = trim_age(log, bytes, now_ms() - age)
if left ~= bytes then redis.call('HSET', meta, 'bytes', digits(left)) end
keep(log, meta, age)

local length = redis.call('LLEN', log)
local first = top - length + 1
local sure = kind == 'since' and sure_of(epoch, top, past, asked_epoch, asked) or 0
local forward = kind == 'since' or kind == 'after'
local from, to
if forward then
  from = math.max(first, (kind == 'since' and sure or asked) + 1)
  to = math.min(top, from + limit - 1)
else
  to = kind == 'before' and math.min(top, asked - 1) or top
  from = math.max(first, to - limit + 1)
end

local page, size = {}, 0
if forward then
  local at = from
  while at <= to and size < page_bytes do
    for _, entry in ipairs(redis.call('LRANGE', log, at - first, math.min(to, at + CHUNK - 1) - first)) do
      if #page > 0 and size + #entry > page_bytes then
        size = page_bytes
        break
      end
      page[#page + 1] = entry
      size = size + #entry
    end
    at = at + CHUNK
  end
else
  local at, backward = to, {}
  while at >= from and size < page_bytes do
    local start = math.max(from, at - CHUNK + 1)
    local chunk = redis.call('LRANGE', log, start - first, at - first)
    for i = #chunk, 1, -1 do
      if #backward > 0 and size + #chunk[i] > page_bytes then
        size = page_bytes
        break
      end
      backward[#backward + 1] = chunk[i]
      size = size + #chunk[i]
    end
    at = start - 1
  end
  for i = #backward, 1, -1 do page[#page + 1] = backward[i] end
  if from <= to then from = to - #page + 1 end
end

local more
if forward then
  more = from + #page - 1 < top
else
  more = length > 0 and math.min(from, to + 1) > first
end
local answer = {epoch, digits(top), digits(sure), digits(from), more and '1' or '0'}
for i = 1, #page do answer[5 + i] = page[i] end
return answer
