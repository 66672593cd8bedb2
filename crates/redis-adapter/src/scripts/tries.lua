-- What admit and settle have in common; put in front of each. `Tries` of the domain, kept as a hash: f failures, w under
-- way, l the last, g the forgiveness that they are of.
--
-- KEYS: the tries, the account's last forgiveness. ARGV: now, the memory, the patience (µs), how long to remember beyond
-- that (ms); then what is each script's own.
local now, memory, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local forgiven = redis.call('GET', KEYS[2])
local kept = redis.call('HMGET', KEYS[1], 'f', 'w', 'l', 'g')
-- What was there before the last forgiveness has gone; if nobody remembers one, it is too long ago to matter.
if forgiven and kept[4] ~= forgiven then
  kept = {}
end

-- `Tries::at`.
local failures, under_way, last = 0, 0, now
if kept[1] then
  failures, under_way, last = tonumber(kept[1]), tonumber(kept[2]), tonumber(kept[3])
  local forgotten_at = last + memory + (under_way > 0 and patience or 0)
  if now >= forgotten_at then
    failures, under_way, last = 0, 0, now
  elseif under_way > 0 and now >= last + patience then
    failures, under_way, last = failures + under_way, 0, last + patience
  else
    last = math.min(last, now)
  end
end

local function keep()
  if failures == 0 and under_way == 0 then
    redis.call('DEL', KEYS[1])
    return
  end
  redis.call('HSET', KEYS[1], 'f', failures, 'w', under_way, 'l', string.format('%.0f', last), 'g', forgiven or '')
  local lifetime = math.ceil((memory + patience) / 1000) + tonumber(ARGV[4])
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', lifetime))
end
