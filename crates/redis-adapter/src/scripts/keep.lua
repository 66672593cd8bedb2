-- KEYS: the entry, the moment, and the gates that it passes. ARGV: the ticket's moment, now, the longest age (µs), whose
-- session it is, the value, how long it lives (ms). Answers 1 if it was kept.
local moment = redis.call('GET', KEYS[2])
if not moment or tonumber(ARGV[1]) > tonumber(moment) then
  return 0
end
for i = 3, #KEYS do
  local gate = redis.call('HMGET', KEYS[i], 'm', 'u', 'c')
  if gate[1] then
    local is_touched = tonumber(gate[1]) > tonumber(ARGV[1])
    if is_touched or is_closed(gate[2], gate[3], ARGV[2], ARGV[3]) then
      return 0
    end
  end
end
redis.call('HSET', KEYS[1], 'm', ARGV[1], 'u', ARGV[4], 'v', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return 1
