-- Takes a session off a node's, when it never became the node's.
-- KEYS node's sessions; ARGV session
if redis.call('HGET', KEYS[1], ARGV[1]) == '' then redis.call('HDEL', KEYS[1], ARGV[1]) end
