-- The errors of the edge itself, thrown as a table and returned in the shape of the server's errors (rest-failure.ts):
-- the one of the face of the request's route, once that is found. Nothing here waits, so one `face` is enough.
local refusal = { face = nil }

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

-- The body of an error by face. @param fields what is wrong with the input, as JSON; nil: nothing.
local bodies = {
  default = function(_, code, message, fields)
    return '{"error":{"code":"' .. code .. '","message":' .. message ..
      (fields and ',"details":{"fields":' .. fields .. "}" or "") .. "}}"
  end,
  pots = function(status, code, message)
    return '{"status_code":' .. status .. ',"code":"' .. code .. '","message":' .. message .. "}"
  end,
  coins = function(status, _, message, fields)
    return '{"status":"' .. (tonumber(status) < 500 and "fail" or "error") .. '","data":' ..
      (fields and '{"fields":' .. fields .. "}" or "null") .. ',"message":' .. message .. "}"
  end,
}

-- The body of an error. @param message a JSON string.
function refusal.body(face, status, code, message, fields)
  return bodies[face or "default"](status, code, message, fields)
end

-- Responds with an error instead of the server.
function refusal.tell(handle, told)
  local quote, fields = refusal.quote, nil
  if told.field then
    fields = '[{"field":' .. quote(told.field) .. ',"description":' .. quote(told.description) ..
      ',"reason":"' .. told.reason .. '"}]'
  end
  -- With this the local_reply_config of envoy.yaml does not change the body.
  handle:streamInfo():dynamicMetadata():set("windfall", "told", true)
  handle:respond({ [":status"] = told.status, ["allow"] = told.allow },
    refusal.body(refusal.face, told.status, told.code, quote(told.message), fields))
end

-- Runs a part of the request's way. Whatever breaks in it, the request goes no further: Envoy itself would let it pass.
function refusal.guard(handle, part, ...)
  refusal.face = nil
  local passed, thrown = pcall(part, handle, ...)
  if passed then return true end
  if type(thrown) == "table" then return refusal.tell(handle, thrown) end
  handle:logErr(tostring(thrown))
  refusal.tell(handle, { status = "500", code = "INTERNAL", message = "the edge is at fault; nothing was done" })
end

return refusal
