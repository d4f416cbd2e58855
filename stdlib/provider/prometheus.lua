local provider = pipec.provider "prometheus" {
  doc = "A PromQL query. One sample is a number, several are a list, of a "
        .. "range all of them.",
  args = { { "url", "string", doc = "such as http://prometheus:9090" } },
  fields = {
    query = { "string", required = true, doc = "PromQL" },
    range = { args = { { "for", "duration", doc = "how far back" } },
              fields = { step = { "duration", default = "1m",
                                  doc = "between two samples" } },
              doc = "ask for a range that ends now, not for this instant" },
    timeout = { "duration", default = "30s" },
  },
  access = true,
  effects = { "network" },
}

local POINTS_MAX = 11000 -- more than that a server refuses

-- [time, "value"] of a sample; what is no number makes the answer nonsense.
local function sample(ctx, lib, pair)
  local v = type(pair) == "table" and lib.number(pair[2])
  if not v then ctx.fail("prometheus answered with a sample that is no number") end
  return v
end

local function values(data, ctx, lib)
  local list, result = {}, lib.table_of(ctx, "prometheus", data.result, "a result")
  if data.resultType == "scalar" then return sample(ctx, lib, result) end
  if data.resultType ~= "vector" and data.resultType ~= "matrix" then
    ctx.fail("the query gave a %s, not a vector, a matrix or a scalar",
             tostring(data.resultType))
  end
  for _, s in ipairs(result) do
    s = lib.table_of(ctx, "prometheus", s, "series")
    local pairs_of = { s.value or false }
    if data.resultType == "matrix" then
      pairs_of = lib.table_of(ctx, "prometheus", s.values, "values")
    end
    for _, pair in ipairs(pairs_of) do
      list[#list + 1] = sample(ctx, lib, pair)
    end
  end
  return lib.values(list)
end

local function form(p, ctx)
  if not p.range then return "query", { query = p.query } end
  local step, back = p.range.step, p.range["for"]
  if step < 1 or back // step >= POINTS_MAX then
    ctx.fail("a range of %s in steps of %s is too many samples",
             pipec.duration(back), pipec.duration(step))
  end
  local now = ctx.now()
  return "query_range", {
    query = p.query, step = ("%.3f"):format(step / 1000),
    start = ("%.3f"):format((now - back) / 1000),
    ["end"] = ("%.3f"):format(now / 1000),
  }
end

function provider.plan(p)
  return { p.range and ("measure by prometheus over %s in steps of %s"):format(
             pipec.duration(p.range["for"]), pipec.duration(p.range.step))
           or "measure by prometheus" }
end

function provider.measure(p, ctx)
  local lib = pipec.lib("answer")
  local path, fields = form(p, ctx)
  local r = lib.ask(p, ctx, {
    method = "POST", url = p.url:gsub("/+$", "") .. "/api/v1/" .. path,
    form = fields, headers = p.header,
  })
  local ok, body = pcall(ctx.json.decode, r.body)
  if not ok or type(body) ~= "table" or body.status ~= "success" then
    ctx.fail("prometheus answered %d: %s", r.status,
             lib.words(ok and type(body) == "table" and tostring(body.error) or r.body))
  end
  local data = lib.table_of(ctx, "prometheus", body.data, "data")
  return values(data, ctx, lib), lib.raw(ctx.json.encode(data.result))
end

return provider
