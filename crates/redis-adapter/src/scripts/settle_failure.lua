-- `CountedTries::settle`. ARGV from 4: 'right', 'wrong' or 'unknown'.
local others = math.max(under_way - 1, 0)
if ARGV[4] == 'right' then
  while #tries > others do
    table.remove(tries, 1)
  end
elseif ARGV[4] == 'unknown' and under_way > 0 then
  table.remove(tries)
end
under_way = others
keep()
return 1
