-- KEYS: the moment, so many gates, and the entries to forget. ARGV: how many gates, 'begins' or 'ended', now, the longest
-- age (µs), how long gates and the moment live (ms), the channel, what to say there.
moment_at(KEYS[1], ARGV[6])
local moment = string.format('%.0f', redis.call('INCR', KEYS[1]))
redis.call('PEXPIRE', KEYS[1], ARGV[6])
local last_gate = 1 + tonumber(ARGV[1])
for i = 2, last_gate do
  local gate = redis.call('HMGET', KEYS[i], 'u', 'c')
  local under_way, closed_at = tonumber(gate[1] or 0), gate[2] or '0'
  if ARGV[2] == 'begins' then
    -- Commits of which no end was heard are not waited for.
    if not is_closed(under_way, closed_at, ARGV[3], ARGV[4]) then
      under_way = 0
    end
    under_way, closed_at = under_way + 1, ARGV[3]
  else
    under_way = math.max(under_way - 1, 0)
  end
  redis.call('HSET', KEYS[i], 'm', moment, 'u', under_way, 'c', closed_at)
  redis.call('PEXPIRE', KEYS[i], ARGV[5])
end
for i = last_gate + 1, #KEYS do
  redis.call('DEL', KEYS[i])
end
redis.call('PUBLISH', ARGV[7], ARGV[8])
return 1
