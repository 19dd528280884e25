-- Hands something to the nodes of a user.
-- KEYS user's sessions; ARGV key of a session "?", channel of a node "?", payload
tell({KEYS[1]}, ARGV[1], ARGV[2], ARGV[3])
