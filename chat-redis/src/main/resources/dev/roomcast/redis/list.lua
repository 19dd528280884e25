-- Puts a room on its part of the list of rooms.
-- KEYS rooms, when they were put there; ARGV room
redis.call('ZADD', KEYS[1], 0, ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], digits(now_ms()))
