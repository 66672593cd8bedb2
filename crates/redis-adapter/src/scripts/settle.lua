-- `Tries::settle`. ARGV from 5: 'right', 'wrong' or 'unknown'.
under_way = math.max(under_way - 1, 0)
if ARGV[5] == 'right' then
  failures = 0
elseif ARGV[5] == 'wrong' then
  failures, last = failures + 1, now
end
keep()
return 1
