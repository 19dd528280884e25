-- Adds a notice to the list that every node reads.
-- KEYS notices, number of the last one; ARGV notice, most that are kept
redis.call('INCR', KEYS[2])
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[2]), -1)
