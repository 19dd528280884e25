-- What a user has not read in a room.
-- KEYS log, meta, marks; ARGV run, fresh epoch, user
-- Answer {1 = there is a mark, messages}
local epoch, _, _, _, messages, born = open_log(KEYS[1], KEYS[2], ARGV[1], ARGV[2], false)
if not epoch then return {'0', '0'} end
local marked, count = unread(KEYS[1], KEYS[3], ARGV[3], messages, born)
return {marked and '1' or '0', digits(count)}
