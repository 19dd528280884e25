-- Sets a room's own retention and trims by it.
-- KEYS log, meta; ARGV run, fresh epoch, count, age, size
local log, meta = KEYS[1], KEYS[2]
local count, age, size = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local _, _, _, bytes = open_log(log, meta, ARGV[1], ARGV[2], true)
redis.call('HSET', meta, 'count', ARGV[3], 'age', ARGV[4], 'size', ARGV[5])
bytes = trim_size(log, redis.call('LLEN', log), bytes, count, size)
bytes = trim_age(log, bytes, now_ms() - age)
redis.call('HSET', meta, 'bytes', digits(bytes))
keep(log, meta, age)
