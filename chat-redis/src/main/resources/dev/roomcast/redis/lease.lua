-- Extends a node's lease by Redis's clock.
-- KEYS nodes; ARGV node, ms
-- Answer 1 when the node was known
return 1 - redis.call('ZADD', KEYS[1], digits(now_ms() + tonumber(ARGV[2])), ARGV[1])
