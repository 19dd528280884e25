-- Ends a room's log: what follows has a new epoch and starts at offset 1. The room's retention stays.
-- KEYS log, meta, keys, older keys; ARGV run, fresh epoch
if redis.call('HEXISTS', KEYS[2], 'epoch') == 1 then
  redis.call('DEL', KEYS[1], KEYS[3], KEYS[4])
  redis.call('HSET', KEYS[2], 'epoch', ARGV[2], 'top', '0', 'run', ARGV[1], 'bytes', '0', 'past', '',
    'messages', '0', 'born', ARGV[2])
end
