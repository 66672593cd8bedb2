-- KEYS: the entry, the moment, the gate of all. ARGV: what gates of users begin with, how long the moment lives (ms).
-- Answers the moment, and of an entry that nothing has touched since: its value and how long it lives (ms).
local entry = redis.call('HMGET', KEYS[1], 'm', 'u', 'v')
local moment = moment_at(KEYS[2], ARGV[2])

local function is_untouched(gate)
  local touched = redis.call('HGET', gate, 'm')
  return not touched or tonumber(touched) <= tonumber(entry[1])
end

if entry[1] and is_untouched(KEYS[3]) and (entry[2] == '' or is_untouched(ARGV[1] .. entry[2])) then
  return { moment, entry[3], redis.call('PTTL', KEYS[1]) }
end
return { moment, false, 0 }
