-- What admit_failure and settle_failure have in common; put in front of each. `CountedTries` of the domain, kept as a hash:
-- t when each try was let in (µs, the oldest first, with commas between), w how many are under way.
--
-- KEYS: the network's. ARGV: now, the window (µs), how long to remember beyond that (ms); then what is each script's own.
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 't', 'w')

-- `CountedTries::at`.
local tries, under_way = {}, 0
if kept[1] then
  for text in string.gmatch(kept[1], '[^,]+') do
    local at = math.min(tonumber(text), now)
    if now < at + window then
      table.insert(tries, at)
    end
  end
  under_way = math.min(tonumber(kept[2]), #tries)
end

local function keep()
  if #tries == 0 then
    redis.call('DEL', KEYS[1])
    return
  end
  local texts = {}
  for place, at in ipairs(tries) do
    texts[place] = string.format('%.0f', at)
  end
  redis.call('HSET', KEYS[1], 't', table.concat(texts, ','), 'w', under_way)
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil(window / 1000) + tonumber(ARGV[3])))
end
