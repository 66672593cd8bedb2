-- `Tries::admit`. ARGV from 5: how many failures are free, the most at once, and the delays (µs) after 0, 1, 2… failures,
-- of which the last is that of all more. Answers the tries before, from which the domain tells the verdict.
local free, most_at_once = tonumber(ARGV[5]), tonumber(ARGV[6])
local delay = tonumber(ARGV[math.min(7 + failures, #ARGV)])
local is_turn_taken = under_way > 0
if failures <= free then
  is_turn_taken = failures + under_way >= most_at_once
end
if now >= last + delay and not is_turn_taken then
  under_way, last = under_way + 1, now
  keep()
end
return kept[1] and { kept[1], kept[2], kept[3] }
