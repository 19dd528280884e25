-- The nodes whose lease ended more than so long ago, or, without a number, has not ended.
-- KEYS nodes; ARGV ms or ''
if ARGV[1] == '' then
  return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. digits(now_ms()), '+inf')
end
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. digits(now_ms() - tonumber(ARGV[1])))
