local provider = pipec.provider "cloudwatch" {
  doc = "Amazon CloudWatch, GetMetricData: the newest value of each result that "
        .. "is returned. One is a number, several are a list.",
  args = { { "region", "string", doc = "such as eu-central-1" } },
  fields = {
    query = { "string", doc = "Metrics Insights, or a math expression" },
    queries = { "any", doc = "instead: a list of MetricDataQueries, as in the "
                             .. "AWS documentation" },
    period = { "duration", default = "1m", doc = "of one value of query=" },
    interval = { "duration", default = "5m", doc = "how far to look back" },
    ["key-id"] = { "secret(string)", doc = "access key; $AWS_ACCESS_KEY_ID "
                                           .. "unless said" },
    ["secret-key"] = { "secret(string)", doc = "its secret; "
                       .. "$AWS_SECRET_ACCESS_KEY unless said" },
    ["session-token"] = { "secret(string)", doc = "of temporary credentials; "
                          .. "$AWS_SESSION_TOKEN unless said" },
    address = { "string", doc = "instead of the region's" },
    timeout = { "duration", default = "30s" },
  },
  effects = { "network" },
}

function provider.plan(p)
  return { "measure by cloudwatch in " .. tostring(p.region) }
end

local function access(p, ctx)
  local env = ctx.env
  local id = p["key-id"] or env.AWS_ACCESS_KEY_ID
  local key = p["secret-key"] or env.AWS_SECRET_ACCESS_KEY
  if not id or not key then
    ctx.fail("cloudwatch: it needs key-id= and secret-key=, or "
             .. "$AWS_ACCESS_KEY_ID and $AWS_SECRET_ACCESS_KEY")
  end
  ctx.secret(key)
  local session = p["session-token"]
  if not p["key-id"] then session = session or env.AWS_SESSION_TOKEN end
  if session then ctx.secret(session) end
  return id, key, session
end

local function queries(p, ctx)
  if p.queries and not p.query then return p.queries end
  if p.query and not p.queries then
    return { { Id = "q1", Expression = p.query,
               Period = math.max(1, p.period // 1000) } }
  end
  ctx.fail("cloudwatch takes either query= or queries=")
end

-- Results arrive newest first; one without values says nothing.
local function values(body, ctx, lib)
  local list = {}
  for _, r in ipairs(lib.table_of(ctx, "cloudwatch", body.MetricDataResults,
                                  "results")) do
    r = lib.table_of(ctx, "cloudwatch", r, "results")
    if r.StatusCode == "InternalError" or r.StatusCode == "Forbidden" then
      ctx.fail("cloudwatch: '%s' ended with %s", tostring(r.Id), r.StatusCode)
    end
    local value = lib.table_of(ctx, "cloudwatch", r.Values or {}, "values")[1]
    if not lib.absent(value) then
      list[#list + 1] = lib.number(value)
        or ctx.fail("cloudwatch answered with a value that is no number")
    end
  end
  return lib.values(list)
end

function provider.measure(p, ctx)
  local lib = pipec.lib("answer")
  local id, key, session = access(p, ctx)
  local url = p.address or ("https://monitoring.%s.amazonaws.com"):format(p.region)
  local now = ctx.now()
  local body = ctx.json.encode {
    StartTime = (now - p.interval) // 1000, EndTime = now // 1000,
    ScanBy = "TimestampDescending", MetricDataQueries = queries(p, ctx),
  }
  local headers = pipec.lib("aws").sign(ctx, {
    id = id, key = key, session = session, region = p.region,
    service = "monitoring", method = "POST", url = url, body = body, now = now,
    headers = { ["content-type"] = "application/x-amz-json-1.0",
                ["x-amz-target"] = "GraniteServiceVersion20100801.GetMetricData" },
  })
  local r = lib.ask({ timeout = p.timeout }, ctx, {
    method = "POST", url = url:gsub("/*$", "/"), headers = headers, body = body })
  if r.status ~= 200 then
    local ok, why = pcall(ctx.json.decode, r.body)
    why = ok and type(why) == "table" and (why.message or why.Message or why.__type)
    ctx.fail("cloudwatch answered %d: %s", r.status, lib.words(tostring(why or r.body)))
  end
  local answer = lib.json(ctx, "cloudwatch", r)
  return values(answer, ctx, lib), lib.raw(ctx.json.encode(answer.MetricDataResults))
end

return provider
