-- `Quota::take` of the domain. KEYS: the network's. ARGV: now, the interval, the window (µs), how long to remember beyond
-- what is owed (ms). Answers the state before, from which the domain tells the verdict.
local now, interval, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = redis.call('GET', KEYS[1])
local owed = full_at and math.max(tonumber(full_at) - now, 0) or 0
if owed > window then
  owed = 0
end
owed = owed + interval
if owed <= window then
  local lifetime = math.ceil(owed / 1000) + tonumber(ARGV[4])
  redis.call('SET', KEYS[1], string.format('%.0f', now + owed), 'PX', string.format('%.0f', lifetime))
end
return full_at
