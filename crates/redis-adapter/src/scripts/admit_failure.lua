-- `CountedTries::admit`. ARGV from 4: the most. Answers the tries before, from which the domain tells the verdict.
if #tries < tonumber(ARGV[4]) then
  table.insert(tries, now)
  under_way = under_way + 1
  keep()
end
return kept[1] and { kept[1], kept[2] }
