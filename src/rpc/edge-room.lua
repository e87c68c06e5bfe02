-- How much of bodies whose requests are not answered yet is held here: by all clients together, and by one, which is an
-- address, or of IPv6 its /64. A client may hold a part of what is left: 51 MiB if there is no other one, and the less
-- the more there are, so that there is always some left for the next. A body counts with the length that its client
-- declares, or else with the most that it may have. Each thread of Envoy counts for itself.
local refusal = ...

local ROOM, PART = 256 * 1048576, 1 / 4
-- As in envoy.yaml: what a body may have.
local SMALL, BATCH = 262144, 8388608
-- More than any request takes to arrive and to be answered. What is not given back by then never will be: its client
-- had gone.
local SECONDS = 90

-- The bytes of all, and of each address; and by the second in which they were taken, so that they can be given back.
local all, held, seconds = 0, {}, {}
local oldest, latest = os.time(), os.time()

local function lower(address, bytes)
  local left = held[address] - bytes
  all, held[address] = all - bytes, left > 0 and left or nil
end

-- The second that it is. Clocks may be set back: it never is an earlier one.
local function advance()
  latest = math.max(latest, os.time())
  if next(held) == nil then oldest = latest end
  while oldest < latest - SECONDS do
    for address, bytes in pairs(seconds[oldest] or {}) do lower(address, bytes) end
    seconds[oldest] = nil
    oldest = oldest + 1
  end
  return latest
end

-- Of "10.0.0.1:5432" or "[2001:db8::1]:5432".
local function client(address)
  local six = address:match("^%[(.*)%]")
  if six == nil then return (address:gsub(":%d+$", "")) end
  local groups = {}
  for group in six:gsub("::.*", ""):gmatch("[^:]+") do groups[#groups + 1] = group end
  for i = #groups + 1, 4 do groups[i] = "0" end
  return table.concat(groups, ":", 1, 4)
end

local room = {}

-- Throws a refusal if there is none left.
function room.take(handle, batch)
  local headers, info = handle:headers(), handle:streamInfo()
  local length, most = headers:get("content-length"), batch and BATCH or SMALL
  local bytes = math.min(length and tonumber(length) or most, most)
  local address, second = client(info:downstreamRemoteAddress()), advance()
  local mine = (held[address] or 0) + bytes
  if mine > PART * (ROOM - all) then
    refusal.throw("429", "RATE_LIMITED", "too much that this address sends is not answered yet; nothing was done")
  end
  local taken = seconds[second] or {}
  all, held[address] = all + bytes, mine
  seconds[second], taken[address] = taken, (taken[address] or 0) + bytes
  info:dynamicMetadata():set("windfall", "taken", { address = address, second = second, bytes = bytes })
end

-- Gives back what the request with this metadata has taken.
function room.give(windfall)
  local mine = windfall["taken"]
  local taken = mine and seconds[mine.second]
  if not taken then return end
  taken[mine.address] = taken[mine.address] - mine.bytes
  lower(mine.address, mine.bytes)
end

return room
