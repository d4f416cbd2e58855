local provider = pipec.provider "http" {
  doc = "A value out of a JSON document that an HTTP server returns.",
  args = { { "url", "string" } },
  fields = {
    path = { "string", doc = "where in the document: data.items[0].rate" },
    method = { "string", default = "GET" },
    header = { "map(secret(string))", doc = "HTTP headers" },
    body = { "any", doc = "sent as JSON" },
    token = { "secret(string)", doc = "bearer token" },
    timeout = { "duration", default = "10s" },
  },
  effects = { "network" },
}

function provider.measure(p, ctx)
  local r = ctx.http.request {
    method = p.method, url = p.url, headers = p.header, json = p.body,
    token = p.token, timeout = p.timeout, ok = "any",
  }
  if r.status < 200 or r.status > 299 then
    ctx.fail("%s answered %d", p.url, r.status)
  end
  local ok, value = pcall(ctx.json.decode, r.body)
  if not ok then
    if p.path then ctx.fail("%s answered no JSON", p.url) end
    local text = r.body:match("^%s*(.-)%s*$")
    return tonumber(text) or text, text
  end
  if p.path then value = pipec.lib("jsonpath").get(value, p.path) end
  return value, ctx.json.encode(value)
end

return provider
