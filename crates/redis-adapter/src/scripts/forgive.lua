-- KEYS: the forgivenesses of the accounts. ARGV: how long tries may be remembered (ms). Each forgiveness is told apart
-- from all before by a number.
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then
    redis.call('INCR', key)
  else
    local time = redis.call('TIME')
    redis.call('SET', key, string.format('%.0f', time[1] * 1000000 + time[2]))
  end
  redis.call('PEXPIRE', key, ARGV[1])
end
return 1
