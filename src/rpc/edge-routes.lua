-- The REST paths and what their requests may contain, from the tables generated from the contract (edge-contract.ts).
-- The transcoder ignores unknown query parameters, and uses the last one of repeated parameters: both are rejected
-- here.
local refusal, contract = ...

-- Types: { fields = … } is a message, { every = … } a map; false is any other type, without known fields. A field is
-- { name, inside = its type, many = whether it may be repeated, given = why it is not allowed here }.
local types = {}
for name in pairs(contract.messages) do types[name] = { fields = {} } end
for name, fields in pairs(contract.messages) do
  for _, text in ipairs(fields) do
    local spellings, many, map, inside = text:match("^([^+:]+)(%+?):?(%*?)(.*)$")
    local kind = types[inside] or false
    if map == "*" then kind = { every = kind } end
    local field = { name = spellings:match("^[^|]+"), inside = kind, many = many == "+" }
    for spelling in spellings:gmatch("[^|]+") do types[name].fields[spelling] = field end
  end
end

-- A message without some of its fields: `given` returns why a field is not allowed here.
local function without(message, given)
  local fields = {}
  for spelling, field in pairs(message.fields) do
    local why = given(field.name)
    fields[spelling] = why and { name = field.name, given = why } or field
  end
  return { fields = fields }
end

-- A route: `lenient` if unknown fields are ignored, `events` if its response is a stream, `file` if its body is a file
-- that is passed on while it arrives, `batch` if its body may be large, the `face` of its errors, the types of `query`
-- and `body`, and the field that is the body.
local function compile(line)
  local message, body, variables = types[line[3]], line.body, {}
  for name in line[2]:gmatch("{([^}]+)}") do variables[message.fields[name].name] = true end
  local query = without(message, function(name)
    if variables[name] then return "is given by the path, and cannot be a query parameter too" end
    if body == "*" or body == name then return "belongs into the body, and cannot be a query parameter" end
  end)
  local route = { lenient = line.lenient, events = line.events, file = line.file, batch = line.batch, face = line.face,
    query = query, body = { fields = {} } }
  if line.file then
    route.body = false
  elseif body == "*" then
    route.body = without(message, function(name)
      -- Otherwise the transcoder compares it with the path.
      return not line.lenient and variables[name] and "is given by the path, and cannot be in the body too"
    end)
  elseif body ~= "" then
    route.field, route.body = body, message.fields[body].inside
  end
  return route
end

-- The paths as a tree: at each node `to` by the next segment, "{}" for any, and `routes` by method. Each route has the
-- number of its line, by which a filter can name it to another one.
local tree, numbered = { to = {}, routes = {} }, {}
for number, line in ipairs(contract.routes) do
  local node = tree
  for segment in line[2]:gmatch("[^/]+") do
    segment = segment:gsub("^{.*}$", "{}")
    node.to[segment] = node.to[segment] or { to = {}, routes = {} }
    node = node.to[segment]
  end
  local route = compile(line)
  route.number, numbered[number], node.routes[line[1]] = number, route, route
end

-- Like the transcoder: a literal segment has precedence over a variable. `others` collects the methods of the path.
local function follow(node, segments, at, method, others)
  local segment = segments[at]
  if segment == nil then
    for other in pairs(node.routes) do others[#others + 1] = other end
    return node.routes[method]
  end
  if segment == "" then return nil end
  local literal, any = node.to[segment], node.to["{}"]
  return literal and follow(literal, segments, at + 1, method, others)
    or any and follow(any, segments, at + 1, method, others)
end

local function segmentsOf(path)
  local segments = {}
  for segment in (path:sub(2) .. "/"):gmatch("([^/]*)/") do segments[#segments + 1] = segment end
  return segments
end

-- A path that ends in "/" or contains "//" does not exist: a client that omits an id would otherwise reach another RPC.
local function findRoute(method, path)
  local others = {}
  local route = follow(tree, segmentsOf(path), 1, method, others)
  if route then return route end
  if #others == 0 then refusal.throw("404", "ROUTE_NOT_FOUND", "no such path") end
  table.sort(others)
  local allow = table.concat(others, ", ")
  refusal.throw("405", "METHOD_NOT_ALLOWED", "the path takes " .. allow, allow)
end

local function unescaped(name)
  return (name:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- The field that a parameter names, step by step, and its path in the contract's names.
local function fieldOf(kind, name)
  local path, field = "", nil
  for step in (name .. "."):gmatch("([^.]*)%.") do
    field = kind and kind.fields and kind.fields[step]
    if not field then return nil end
    path, kind = (path == "" and "" or path .. ".") .. field.name, field.inside
  end
  return field, path
end

local function checkQuery(route, query)
  local seen = {}
  for part in query:gmatch("[^&]+") do
    local name = unescaped(part:match("^[^=]*"))
    local field, path = fieldOf(route.query, name)
    if field then
      if field.given then refusal.throwField(path, "MISPLACED", field.given) end
      if seen[path] and not field.many then refusal.throwField(path, "REPEATED", "is given twice") end
      if not part:find("=", 1, true) then refusal.throwField(path, "INVALID", "has no value") end
      seen[path] = true
    elseif not route.lenient then
      refusal.throwField(refusal.shown(name), "UNKNOWN", "is not a field of the request")
    end
  end
end

-- Returns the route of a request, and its target if that is another one: text/csv goes to a path of its own, where that
-- takes files. Throws a refusal for an unknown path or method, or an invalid query.
local function routeOf(method, target, kind)
  local path, query = target:match("^([^?]*)%??(.*)$")
  local other
  if kind:sub(1, 8):lower() == "text/csv" then
    local file = follow(tree, segmentsOf(path .. "/csv"), 1, method, {})
    if file and file.file then path, other = path .. "/csv", (target:gsub("^[^?]*", "%0/csv", 1)) end
  end
  local route = findRoute(method, path)
  refusal.face = route.face
  checkQuery(route, query)
  return route, other
end

return routeOf, numbered
