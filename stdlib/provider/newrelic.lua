local provider = pipec.provider "newrelic" {
  doc = "An NRQL query, through New Relic's NerdGraph. One row is a map of its "
        .. "columns, or with column= that number; several rows are a list.",
  args = { { "account", "int", doc = "number of the account" } },
  fields = {
    query = { "string", required = true, doc = "NRQL" },
    column = { "string", doc = "what of each row counts" },
    ["api-key"] = { "secret(string)", required = true, doc = "a user key" },
    region = { "symbol(us|eu)", default = "us", doc = "where the account is" },
    address = { "string", doc = "of NerdGraph, instead of the region's" },
    timeout = { "duration", default = "30s" },
  },
  effects = { "network" },
}

local addresses = {
  us = "https://api.newrelic.com/graphql",
  eu = "https://api.eu.newrelic.com/graphql",
}
local question = "query($account: Int!, $query: Nrql!, $timeout: Seconds) "
  .. "{ actor { account(id: $account) { nrql(query: $query, timeout: $timeout) "
  .. "{ results } } } }"

function provider.plan(p)
  return { ("measure by NRQL in account %s"):format(tostring(p.account)) }
end

-- NerdGraph tells errors beside, or instead of, the data, with status 200.
local function rows_of(body, ctx, lib)
  local errors = body.errors
  if type(errors) == "table" and errors[1] then
    ctx.fail("newrelic: %s", lib.words(tostring(
      type(errors[1]) == "table" and errors[1].message or errors[1])))
  end
  local at = body
  for _, name in ipairs { "data", "actor", "account", "nrql", "results" } do
    at = lib.table_of(ctx, "newrelic", at[name], "results")
  end
  return at
end

local function value_of(row, p, ctx)
  if type(row) ~= "table" then ctx.fail("newrelic answered with a row that is none") end
  if p.column then return row[p.column] end
  return next(row) and row or nil
end

function provider.measure(p, ctx)
  local lib = pipec.lib("answer")
  -- It gives up a little before its asker does.
  local seconds = math.max(1, math.min(120, p.timeout // 1000 - 1))
  local r = lib.ask({ timeout = p.timeout }, ctx, {
    method = "POST", url = p.address or addresses[p.region],
    headers = { ["API-Key"] = p["api-key"] },
    json = { query = question, variables = {
      account = p.account, query = p.query, timeout = seconds } },
  })
  if r.status ~= 200 then
    ctx.fail("newrelic answered %d: %s", r.status, lib.words(r.body))
  end
  local rows, list = rows_of(lib.json(ctx, "newrelic", r), ctx, lib), {}
  for _, row in ipairs(rows) do list[#list + 1] = value_of(row, p, ctx) end
  return lib.values(list), lib.raw(ctx.json.encode(rows))
end

return provider
