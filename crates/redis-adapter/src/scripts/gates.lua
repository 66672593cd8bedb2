-- What look_up, keep and touch have in common; put in front of each.
--
-- Moments count the touches of commits. They begin at the server's time in microseconds, so that a server that has lost
-- everything does not count from where it was before, and no ticket from before is taken for a newer one.
local function moment_at(key, ttl)
  local known = redis.call('GET', key)
  if known then
    return known
  end
  local time = redis.call('TIME')
  known = string.format('%.0f', time[1] * 1000000 + time[2])
  redis.call('SET', key, known, 'PX', ttl)
  return known
end

-- A gate is a hash: m is the moment of the last touch, u how many commits are under way, c when the last of them began.
local function is_closed(under_way, closed_at, now, max_age)
  return tonumber(under_way) > 0 and tonumber(now) < tonumber(closed_at) + tonumber(max_age)
end
