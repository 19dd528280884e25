-- Moves a user's read mark forward.
-- KEYS log, meta, marks; ARGV run, fresh epoch, user, offset, age
-- Answer the offset of the mark, 0 when it was not moved
local log, meta, marks = KEYS[1], KEYS[2], KEYS[3]
local epoch, top, _, _, messages, born, m = open_log(log, meta, ARGV[1], ARGV[2], false)
local offset = math.min(top, tonumber(ARGV[4]))
if not epoch or offset < 1 or offset <= (mark_of(marks, ARGV[3], born) or 0) then return 0 end
local read = messages
if offset < top then
  -- What was logged before the next one is what is up to this one; before the first, when this one is gone.
  local following = redis.call('LINDEX', log, offset - top) or redis.call('LINDEX', log, 0)
  if following then read = messages_before(following) end
end
redis.call('HSET', marks, ARGV[3], digits(offset) .. ' ' .. digits(read) .. ' ' .. born)
bound_marks(marks, born)
keep_marks(marks, age_to_keep(meta, m, ARGV[5]))
return digits(offset)
