-- The REST face. On the way in it sees what the client has sent, before a body is waited for; on the way out the JSON
-- that the transcoder made, and the server's metadata beside it as headers. What they mean is the server's: see
-- rest-failure.ts, routes.ts and nulls.ts. Handles that were taken before body() or trailers() are dead after it:
-- headers() must be taken again.
local refusal, routeOf, room = ...
local quote = refusal.quote

-- For failures that grpc-js tells by itself, in gRPC's words alone.
local BY_CODE = {
  [1] = { "CANCELLED", "499" },
  [4] = { "DEADLINE_EXCEEDED", "504" },
  [8] = { "TOO_LARGE", "413" },
  [12] = { "UNIMPLEMENTED", "404" },
  [14] = { "UNAVAILABLE", "503" },
}
local INTERNAL = { "INTERNAL", "500" }

local HIDDEN = {
  "x-rest-status", "x-rest-unwrap", "x-rest-nulls", "x-rest-code", "x-rest-body",
  "grpc-status", "grpc-message", "grpc-status-details-bin", "grpc-encoding", "grpc-accept-encoding",
}

local function hide(headers)
  for i = 1, #HIDDEN do headers:remove(HIDDEN[i]) end
end

-- Throws a refusal. The body is checked once it is there: see edge-check.lua.
local function admit(handle)
  local headers, windfall = handle:headers(), handle:streamInfo():dynamicMetadata()
  local method, encoding = headers:get(":method"), headers:get("content-encoding")
  -- A body that claims to be packed and is not would reach its RPC as an empty one, and an empty drop pays a whole pot.
  if encoding ~= nil and encoding:lower() ~= "identity" then
    refusal.throw("415", "UNSUPPORTED_ENCODING", "bodies are taken as they are, not packed")
  end
  local route, other = routeOf(method, headers:get(":path"), headers:get("content-type") or "")
  if other then headers:replace(":path", other) end
  if route.face then windfall:set("windfall", "face", route.face) end
  -- It is routed once more, with the limits of what it is: see envoy.yaml.
  if route.events then headers:replace("x-rest-events", "true") end
  if route.file then headers:replace("x-rest-file", "true") end
  if route.batch then headers:replace("x-rest-batch", "true") end
  if not route.body then return end -- what has no fields that we know of is no JSON either: a file
  windfall:set("windfall", "route", route.number)
  if method ~= "GET" then room.take(handle, route.batch) end -- bodies of GET are tiny: see envoy.yaml
end

function envoy_on_request(handle)
  local kind = handle:headers():get("content-type")
  if kind ~= nil and kind:sub(1, 16) == "application/grpc" then return end
  if not refusal.guard(handle, admit) then return end
  handle:streamInfo():dynamicMetadata():set("windfall", "rest", true)
  room.measure(handle)
end

-- Envoy's own answer has the default shape already.
local function reshape(body, face, status)
  local code, message = body:getBytes(0, body:length()):match('^{"error":{"code":"([A-Z_]+)","message":(".*")}}%s*$')
  if face ~= nil and code ~= nil then body:setBytes(refusal.body(face, status, code, message)) end
end

-- The transcoder has printed google.rpc.Status. The server may have said more: in the headers, or late in the trailers.
local function failure(handle)
  local headers = handle:headers()
  local status, code, document = headers:get("x-rest-status"), headers:get("x-rest-code"), headers:get("x-rest-body")
  local number, message, http = headers:get("grpc-status"), headers:get("grpc-message"), headers:get(":status")
  local body, trailers = handle:body(true), handle:trailers()
  local face = handle:streamInfo():dynamicMetadata():get("windfall")["face"]
  if code == nil and trailers ~= nil then
    status, code, document = trailers:get("x-rest-status"), trailers:get("x-rest-code"), trailers:get("x-rest-body")
  end
  local printed, text = body:getBytes(0, body:length()):match('^{"code":(%d+),"message":(".-"),"details":%[')
  number = tonumber(printed or number)
  if number == nil then return reshape(body, face, http) end
  handle:streamInfo():dynamicMetadata():set("windfall", "grpc", number)
  -- grpc-message is percent-encoded UTF-8.
  text = text or quote((message or ""):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
  if code == nil then
    local own = BY_CODE[number] or INTERNAL
    code, status = own[1], own[2]
  end
  body:setBytes(document or refusal.body(face, status or "500", code, text))
  handle:headers():replace("content-type", "application/json")
  return status
end

-- Markers of null, as in nulls.ts: an unset double, and what stands in a message that is unset.
local DOUBLE, IN_TEXT, IN_DOUBLE = "-1.7976931348623157e+308", '"\\u0000\\u0000"', "-1.7976931348623155e+308"
local DOUBLE_PATTERN = '"([%w_]+)":' .. DOUBLE:gsub("%p", "%%%0")

-- A list of names as a function that gsub calls. There are as many lists as RPCs.
local nullers = setmetatable({}, {
  __index = function(all, list)
    local nulls = {}
    for name in list:gmatch("[^,]+") do nulls[name] = '"' .. name .. '":null' end
    all[list] = function(name, object)
      if object == nil or object:find(IN_TEXT, 1, true) or object:find(IN_DOUBLE, 1, true) then return nulls[name] end
    end
    return all[list]
  end,
})

-- The JSON as the documents have it: a field as the whole body, and null where the server has put a marker in a field
-- that it names. A pass over the text for each kind of marker, however many names there are.
local function finish(body, unwrap, nulls)
  if unwrap ~= nil then
    local size, from = body:length(), #unwrap + 4 -- {"name":...}
    body:setBytes(size > from and body:getBytes(from, size - from - 1) or "null")
  end
  if nulls == nil then return end
  local text, null = body:getBytes(0, body:length()), nullers[nulls]
  text = text:gsub('"([%w_]+)":"\\u0000"', null)
  if text:find(DOUBLE, 1, true) then text = text:gsub(DOUBLE_PATTERN, null) end
  -- A message: the marker is in it, and no other object.
  if text:find(IN_TEXT, 1, true) or text:find(IN_DOUBLE, 1, true) then
    text = text:gsub('"([%w_]+)":({[^{}]*})', null)
  end
  body:setBytes(text)
end

function envoy_on_response(handle)
  local windfall = handle:streamInfo():dynamicMetadata():get("windfall")
  if windfall == nil then return end
  room.give(handle)
  if windfall["told"] then return end
  local headers = handle:headers()
  local status, unwrap, nulls = headers:get("x-rest-status"), headers:get("x-rest-unwrap"), headers:get("x-rest-nulls")
  if headers:get(":status") >= "400" then
    status = failure(handle)
  elseif status == "204" or status == "304" then
    handle:body(true):setBytes("")
    handle:headers():remove("content-type")
    handle:headers():remove("content-length")
  elseif unwrap ~= nil or nulls ~= nil then
    finish(handle:body(true), unwrap, nulls)
  end
  headers = handle:headers()
  if status ~= nil then headers:replace(":status", status) end
  hide(headers)
  local trailers = handle:trailers() -- waits for them, and lets a stream pass meanwhile
  if trailers ~= nil then hide(trailers) end
end
