-- Notes a guest's name for a node, unless another node has another name that looks the same.
-- KEYS names; ARGV node, name
-- Answer 1, or 0 when there is another
local names = redis.call('HGETALL', KEYS[1])
for i = 1, #names, 2 do
  if names[i] ~= ARGV[1] and names[i + 1] ~= ARGV[2] then
    return 0
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
