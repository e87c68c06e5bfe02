-- The errors of the edge itself, thrown as a table and returned in the shape of the server's errors (rest-failure.ts).
local refusal = {}

function refusal.throw(status, code, message, allow)
  error({ status = status, code = code, message = message, allow = allow }, 0)
end

-- For invalid input: the field's path in the contract's names, and what is wrong with it.
function refusal.throwField(field, reason, description)
  error({ status = "400", code = "INVALID_ARGUMENT", message = field .. " " .. description,
    field = field, reason = reason, description = description }, 0)
end

-- A name that a client has sent, safe to show in a response.
function refusal.shown(name)
  return ((#name > 64 and name:sub(1, 64) .. "..." or name):gsub("[^ -~]", "?"))
end

-- A text as a JSON string.
function refusal.quote(text)
  return '"' .. text:gsub('[%c"\\]', function(char) return string.format("\\u%04x", char:byte()) end) .. '"'
end

-- Responds with an error instead of the server.
function refusal.tell(handle, told)
  local quote, details = refusal.quote, ""
  if told.field then
    details = ',"details":{"fields":[{"field":' .. quote(told.field) .. ',"description":' .. quote(told.description) ..
      ',"reason":"' .. told.reason .. '"}]}'
  end
  -- With this the local_reply_config of envoy.yaml does not change the body.
  handle:streamInfo():dynamicMetadata():set("windfall", "told", true)
  handle:respond({ [":status"] = told.status, ["allow"] = told.allow },
    '{"error":{"code":"' .. told.code .. '","message":' .. quote(told.message) .. details .. "}}")
end

return refusal
