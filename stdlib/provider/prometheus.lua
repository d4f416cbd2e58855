local provider = pipec.provider "prometheus" {
  doc = "An instant query. One sample is a number, several are a list.",
  args = { { "url", "string", doc = "such as http://prometheus:9090" } },
  fields = {
    query = { "string", required = true, doc = "PromQL" },
    timeout = { "duration", default = "30s" },
    token = { "secret(string)", doc = "bearer token" },
    username = { "string", doc = "for basic authentication" },
    password = { "secret(string)", doc = "its password" },
    header = { "map(secret(string))", doc = "HTTP headers" },
  },
  effects = { "network" },
}

local function number(text)
  if text == "NaN" then return 0 / 0 end
  if text == "+Inf" then return math.huge end
  if text == "-Inf" then return -math.huge end
  return tonumber(text)
end

local function values(data, ctx)
  if data.resultType == "scalar" then return number(data.result[2]) end
  if data.resultType ~= "vector" then
    ctx.fail("the query gave a %s, not a vector or a scalar", data.resultType)
  end
  local list = {}
  for i, s in ipairs(data.result) do list[i] = number(s.value[2]) end
  if #list == 1 then return list[1] end
  if #list > 1 then return list end
end

function provider.measure(p, ctx)
  local r = ctx.http.request {
    method = "POST", url = p.url:gsub("/$", "") .. "/api/v1/query",
    form = { query = p.query }, headers = p.header, token = p.token,
    username = p.username, password = p.password, timeout = p.timeout,
    ok = "any",
  }
  local ok, body = pcall(ctx.json.decode, r.body)
  if not ok or type(body) ~= "table" or body.status ~= "success" then
    ctx.fail("prometheus answered %d: %s", r.status,
             ok and type(body) == "table" and body.error or r.body:match("%S[^\n]*") or "")
  end
  local raw = {}
  for i, s in ipairs(body.data.result or {}) do
    raw[i] = type(s) == "table" and s.value and s.value[2] or s
  end
  return values(body.data, ctx), ctx.json.encode(raw)
end

return provider
