-- AWS Signature Version 4, as in "Create a signed AWS API request" of the IAM
-- User Guide.
local M = {}

local function hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

-- The headers of a request, signed. q: id, key, session (optional), region,
-- service, method, url (origin and path, no query), body, headers (lower-case
-- names), now (ms since 1970).
function M.sign(ctx, q)
  local time = ctx.date(q.now):gsub("%.%d+", ""):gsub("[-:]", "")
  local day = time:sub(1, 8)
  local host, path = q.url:match("^%a+://([^/?#]+)([^?#]*)$")
  if not host then ctx.fail("'%s' is not the address of an AWS service", q.url) end
  local headers = { host = host, ["x-amz-date"] = time,
                    ["x-amz-security-token"] = q.session }
  for k, v in pairs(q.headers or {}) do headers[k] = v end
  local names, lines = pipec.keys(headers), {}
  for i, name in ipairs(names) do
    lines[i] = ("%s:%s\n"):format(name, headers[name]:gsub("%s+", " "))
  end
  local signed = table.concat(names, ";")
  local canonical = table.concat({ q.method, path == "" and "/" or path, "",
    table.concat(lines), signed, ctx.sha256(q.body) }, "\n")
  local scope = ("%s/%s/%s/aws4_request"):format(day, q.region, q.service)
  local text = table.concat({ "AWS4-HMAC-SHA256", time, scope,
                              ctx.sha256(canonical) }, "\n")
  local key = "AWS4" .. q.key
  for _, part in ipairs { day, q.region, q.service, "aws4_request" } do
    key = ctx.hmac_sha256(key, part)
  end
  headers.authorization = ("AWS4-HMAC-SHA256 Credential=%s/%s, "
    .. "SignedHeaders=%s, Signature=%s"):format(q.id, scope, signed,
    hex(ctx.hmac_sha256(key, text)))
  headers.host = nil
  return headers
end

return M
