-- The filter behind the one that waits for bodies: it checks them by the route that edge.lua has found.
local refusal, routes, checkBody = ...

local function admit(handle, route)
  refusal.face = route.face
  local body = handle:body()
  if body then checkBody(route, body:getBytes(0, body:length())) end
end

function envoy_on_request(handle)
  local windfall = handle:streamInfo():dynamicMetadata():get("windfall")
  local number = windfall and windfall["route"]
  if number then refusal.guard(handle, admit, routes[number]) end
end
