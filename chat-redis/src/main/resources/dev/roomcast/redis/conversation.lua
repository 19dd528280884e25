-- A conversation as one of its users has it.
-- KEYS log, meta, marks, names; ARGV run, fresh epoch, user, age
-- Answer {epoch, top, newest entry or '', unread, name of the other or ''}
local log = KEYS[1]
local name, names = '', redis.call('HGETALL', KEYS[4])
for i = 1, #names, 2 do
  -- Alone with herself, the other user is the same.
  if names[i] ~= ARGV[3] or #names == 2 then name = names[i + 1] end
end
local epoch, top, _, _, messages, born, m = open_log(log, KEYS[2], ARGV[1], ARGV[2], false)
if not epoch then return {'', '0', '', '0', name} end
local newest = redis.call('LINDEX', log, -1) or ''
if newest ~= '' and tonumber(string.match(newest, '^%-?%d+')) < now_ms() - age_of(m, ARGV[4]) then
  return {epoch, digits(top), '', '0', name}
end
local _, count = unread(log, KEYS[3], ARGV[3], messages, born)
return {epoch, digits(top), newest, digits(count), name}
