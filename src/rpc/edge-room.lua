-- How much of bodies whose requests are not answered yet is held here: by all clients together, and by one, which is an
-- address, or of IPv6 its /64. A client may hold a part of what is left: 51 MiB if there is no other one, and the less
-- the more there are, so that there is always some left for the next. A body counts with the length that its client
-- declares; or else with the most that it may have until it is here, and then with what it has. Each thread of Envoy
-- counts for itself.
local refusal = ...

local ROOM, PART = 256 * 1048576, 1 / 4
-- As in envoy.yaml: what a body may have.
local SMALL, BATCH = 262144, 8388608
-- More than any request takes to arrive and to be answered. What is not given back by then never will be: its client
-- had gone.
local SECONDS = 90

-- The bytes of all, and of each address; and by the second in which they were taken, so that they can be given back.
-- There are no zeros: what holds nothing has no entry.
local all, held, seconds = 0, {}, {}
local oldest, latest = os.time(), os.time()

local function add(sums, key, bytes)
  local sum = (sums[key] or 0) + bytes
  sums[key] = sum ~= 0 and sum or nil
end

local function lower(address, bytes)
  all = all - bytes
  add(held, address, -bytes)
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
  if bytes == 0 then return end
  local address, second = client(info:downstreamRemoteAddress()), advance()
  if (held[address] or 0) + bytes > PART * (ROOM - all) then
    refusal.throw("429", "RATE_LIMITED", "too much that this address sends is not answered yet; nothing was done")
  end
  lower(address, -bytes)
  seconds[second] = seconds[second] or {}
  add(seconds[second], address, bytes)
  info:dynamicMetadata():set("windfall", "taken",
    { address = address, second = second, bytes = bytes, declared = length ~= nil })
end

-- Gives back what a request has taken, but for so much.
local function leave(handle, bytes)
  local metadata = handle:streamInfo():dynamicMetadata()
  local mine = metadata:get("windfall")["taken"]
  local taken = mine and seconds[mine.second]
  if not taken or mine.bytes <= bytes then return end
  lower(mine.address, mine.bytes - bytes)
  add(taken, mine.address, bytes - mine.bytes)
  if next(taken) == nil then seconds[mine.second] = nil end
  mine.bytes = bytes
  metadata:set("windfall", "taken", mine)
end

-- Waits for a body without a declared length, and gives back what it has not needed: handles are dead then.
function room.measure(handle)
  local mine = handle:streamInfo():dynamicMetadata():get("windfall")["taken"]
  if not mine or mine.declared then return end
  local bytes = 0
  for chunk in handle:bodyChunks() do bytes = bytes + chunk:length() end
  leave(handle, bytes)
end

-- Gives back what a request has taken.
function room.give(handle) leave(handle, 0) end

return room
