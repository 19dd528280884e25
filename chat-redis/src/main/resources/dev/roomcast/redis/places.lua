-- Where a user's sessions are, in the user's slot: HASH session -> "version end node", the end in ms since 1970, or inf
-- while the session has a connection. What is over stays for a while, so that what comes late is known to be older.
local KEPT = 600000

local function place_of(entry)
  local version, ends, node = string.match(entry, '^(%d+) (%S+) (.*)$')
  return tonumber(version), ends == 'inf' and math.huge or tonumber(ends), node
end

local function connected_nodes(places)
  local nodes, told, found = {}, {}, redis.call('HGETALL', places)
  for i = 2, #found, 2 do
    local _, ends, node = place_of(found[i])
    if ends == math.huge and not told[node] then
      told[node] = true
      nodes[#nodes + 1] = node
    end
  end
  return nodes
end
