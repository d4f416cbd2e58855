local provider = pipec.provider "datadog" {
  doc = "A Datadog query: the newest point of the first series.",
  args = { { "address", "string", optional = true,
             default = "https://api.datadoghq.com" } },
  fields = {
    query = { "string", required = true },
    ["api-key"] = { "secret(string)", required = true },
    ["app-key"] = { "secret(string)", required = true },
    interval = { "duration", default = "5m", doc = "how far to look back" },
    timeout = { "duration", default = "10s" },
  },
  effects = { "network" },
}

function provider.measure(p, ctx)
  local now = ctx.now() // 1000
  local r = ctx.http.get(("%s/api/v1/query?from=%d&to=%d&query=%s"):format(
    p.address:gsub("/$", ""), now - p.interval // 1000, now, ctx.uri(p.query)), {
      headers = { ["DD-API-KEY"] = p["api-key"],
                  ["DD-APPLICATION-KEY"] = p["app-key"] },
      timeout = p.timeout, ok = "any" })
  if r.status ~= 200 then ctx.fail("datadog answered %d", r.status) end
  local body = ctx.json.decode(r.body)
  if body.status ~= "ok" then ctx.fail("datadog: %s", tostring(body.error)) end
  local series = (body.series or {})[1]
  local points = series and series.pointlist or {}
  for i = #points, 1, -1 do
    local value = points[i][2]
    if value then return value, ctx.json.encode(value) end
  end
  return nil, "[]"
end

return provider
