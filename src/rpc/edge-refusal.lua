-- What the edge itself refuses, thrown as a table and told in the shape of the server's errors (rest-failure.ts).
local refusal = {}

function refusal.throw(status, code, message, allow)
  error({ status = status, code = code, message = message, allow = allow }, 0)
end

-- Of bad input: the field's path in the contract's names, and what is wrong with it.
function refusal.throwField(field, reason, description)
  error({ status = "400", code = "INVALID_ARGUMENT", message = field .. " " .. description,
    field = field, reason = reason, description = description }, 0)
end

-- What a client has sent as a name, fit for an answer.
function refusal.shown(name)
  return ((#name > 64 and name:sub(1, 64) .. "..." or name):gsub("[^ -~]", "?"))
end

-- A text as JSON.
function refusal.quote(text)
  return '"' .. text:gsub('[%c"\\]', function(char) return string.format("\\u%04x", char:byte()) end) .. '"'
end

-- Answers with a refusal in the server's stead.
function refusal.tell(handle, told)
  local quote, details = refusal.quote, ""
  if told.field then
    details = ',"details":{"fields":[{"field":' .. quote(told.field) .. ',"description":' .. quote(told.description) ..
      ',"reason":"' .. told.reason .. '"}]}'
  end
  -- By this envoy.yaml's local_reply_config leaves the body as it is.
  handle:streamInfo():dynamicMetadata():set("windfall", "told", true)
  handle:respond({ [":status"] = told.status, ["allow"] = told.allow },
    '{"error":{"code":"' .. told.code .. '","message":' .. quote(told.message) .. details .. "}}")
end

return refusal
