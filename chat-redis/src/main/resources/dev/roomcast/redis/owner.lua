-- Notes for a day which application has a namespace.
-- KEYS owner; ARGV application, or '' when it has no name
-- Answer the application that has it otherwise, or ''
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= '' and owner ~= ARGV[1] then return owner end
redis.call('SET', KEYS[1], ARGV[1], 'PX', 86400000)
return ''
