local provider = pipec.provider "datadog" {
  doc = "A Datadog query. v1: the newest point of the first series. v2: the "
        .. "scalar of a formula over queries, or with groups the list of them.",
  args = { { "address", "string", optional = true,
             default = "https://api.datadoghq.com" } },
  fields = {
    query = { "string", doc = "one metrics query" },
    queries = { "map(string)", doc = "v2: several, by the names that the "
                                     .. "formula uses" },
    formula = { "string", doc = "v2: over these names" },
    api = { "symbol(v1|v2)", default = "v1", doc = "which of its interfaces" },
    aggregator = { "symbol(last|avg|min|max|sum|percentile|mean|l2norm|area)",
                   default = "last", doc = "v2: how the interval is summed up" },
    ["api-key"] = { "secret(string)", required = true },
    ["app-key"] = { "secret(string)", required = true },
    interval = { "duration", default = "5m", doc = "how far to look back" },
    timeout = { "duration", default = "10s" },
  },
  effects = { "network" },
}

function provider.plan(p)
  return { ("measure by datadog %s over the last %s"):format(tostring(p.api),
            pipec.duration(p.interval)) }
end

-- 200 and an object; else its own words.
local function answer(p, ctx, lib, q)
  q.headers = { ["DD-API-KEY"] = p["api-key"],
                ["DD-APPLICATION-KEY"] = p["app-key"] }
  local r = lib.ask({ timeout = p.timeout }, ctx, q)
  if r.status == 401 or r.status == 403 then
    ctx.fail("datadog refuses the keys: it answered %d: %s", r.status,
             lib.words(r.body))
  elseif r.status ~= 200 then
    ctx.fail("datadog answered %d: %s", r.status, lib.words(r.body))
  end
  return lib.json(ctx, "datadog", r)
end

-- The newest interval may still be filling, so that its point is null.
local function series(p, ctx, lib, base)
  local now = ctx.now() // 1000
  if not p.query or p.queries or p.formula then
    ctx.fail("datadog: api=v1 takes one query=, and no queries= or formula=")
  end
  local body = answer(p, ctx, lib, { url =
    ("%s/api/v1/query?from=%d&to=%d&query=%s"):format(
      base, now - p.interval // 1000, now, ctx.uri(p.query)) })
  if body.status ~= nil and body.status ~= "ok" then
    ctx.fail("datadog: %s", lib.words(tostring(body.error or body.status)))
  end
  local all = lib.table_of(ctx, "datadog", body.series or {}, "a list of series")
  local points = lib.table_of(ctx, "datadog", lib.table_of(
    ctx, "datadog", all[1] or {}, "series").pointlist or {}, "points")
  for i = #points, 1, -1 do
    local value = type(points[i]) == "table" and points[i][2]
    if type(value) == "number" then return value, ctx.json.encode(value) end
  end
  return nil, "[]"
end

local function request(p, ctx)
  local queries, named = {}, p.queries or { query = p.query }
  for _, name in ipairs(pipec.keys(named)) do
    queries[#queries + 1] = { name = name, query = named[name],
      data_source = "metrics", aggregator = tostring(p.aggregator) }
  end
  if #queries == 0 or (p.query and p.queries) then
    ctx.fail("datadog: api=v2 takes either query= or queries=")
  elseif #queries > 1 and not p.formula then
    ctx.fail("datadog: several queries need a formula=")
  end
  local now = ctx.now()
  return { data = { type = "scalar_request", attributes = {
    from = now - p.interval, to = now, queries = queries,
    formulas = { { formula = p.formula or queries[1].name } } } } }
end

-- Group columns stand before the numbers; a group without one is null.
local function scalar(p, ctx, lib, base)
  local body = answer(p, ctx, lib, { method = "POST",
    url = base .. "/api/v2/query/scalar", json = request(p, ctx) })
  if body.errors then ctx.fail("datadog: %s", lib.words(ctx.json.encode(body.errors))) end
  local data = lib.table_of(ctx, "datadog", body.data, "data")
  local columns = lib.table_of(ctx, "datadog", (data.attributes or {}).columns,
                               "columns")
  local grouped, list = false, {}
  for _, c in ipairs(columns) do
    if c.type == "group" then
      grouped = true
    else
      list = lib.present(lib.table_of(ctx, "datadog", c.values or {}, "values"))
      break
    end
  end
  local raw = lib.raw(ctx.json.encode(columns))
  if grouped then return #list > 0 and list or nil, raw end
  return list[1], raw
end

function provider.measure(p, ctx)
  local lib, base = pipec.lib("answer"), p.address:gsub("/+$", "")
  if p.api == "v2" then return scalar(p, ctx, lib, base) end
  return series(p, ctx, lib, base)
end

return provider
