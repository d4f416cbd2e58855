local provider = pipec.provider "graphite" {
  doc = "A Graphite target: the newest value of each series; with take=all, "
        .. "all values of the first. One is a number, several are a list.",
  args = { { "url", "string", doc = "such as http://graphite:8080" } },
  fields = {
    query = { "string", required = true,
              doc = "a target: averageSeries(app.*.errors)" },
    interval = { "duration", default = "5m", doc = "how far to look back" },
    take = { "symbol(newest|all)", default = "newest",
             doc = "which of the values count" },
    timeout = { "duration", default = "10s" },
  },
  access = true,
  effects = { "network" },
}

function provider.plan(p)
  return { "measure by graphite over the last " .. pipec.duration(p.interval) }
end

-- [value, time] pairs; those without a value are left out.
local function values(series, ctx, lib)
  local points = lib.table_of(ctx, "graphite", series, "series").datapoints
  local list = {}
  for _, point in ipairs(lib.table_of(ctx, "graphite", points, "datapoints")) do
    local value = lib.table_of(ctx, "graphite", point, "points")[1]
    if not lib.absent(value) then
      list[#list + 1] = lib.number(value)
        or ctx.fail("graphite answered with a value that is no number")
    end
  end
  return list
end

function provider.measure(p, ctx)
  local lib = pipec.lib("answer")
  local seconds = math.max(1, p.interval // 1000)
  local r = lib.ask(p, ctx, { headers = p.header, url =
    ("%s/render?target=%s&from=-%ds&until=now&format=json"):format(
      p.url:gsub("/+$", ""), ctx.uri(p.query), seconds) })
  if r.status ~= 200 then
    ctx.fail("graphite answered %d: %s", r.status, lib.words(r.body))
  end
  local body, list = lib.json(ctx, "graphite", r), {}
  if p.take == "all" then
    list = body[1] and values(body[1], ctx, lib) or list
    return #list > 0 and list or nil, lib.raw(r.body)
  end
  for _, series in ipairs(body) do
    local all = values(series, ctx, lib)
    list[#list + 1] = all[#all]
  end
  return lib.values(list), lib.raw(r.body)
end

return provider
