local provider = pipec.provider "influxdb" {
  doc = "A Flux query to InfluxDB 2: the values of all records. One is a "
        .. "number, several are a list.",
  args = { { "url", "string", doc = "such as http://influxdb:8086" } },
  fields = {
    query = { "string", required = true, doc = "Flux" },
    org = { "string", required = true, doc = "organisation" },
    token = { "secret(string)", required = true, doc = "API token" },
    column = { "string", default = "_value", doc = "the column that counts" },
    timeout = { "duration", default = "30s" },
    header = { "map(secret(string))", doc = "HTTP headers" },
    ca = { "string", doc = "PEM, or a file: whom to trust for https" },
  },
  effects = { "network" },
}

local RECORDS_MAX = 100000

function provider.plan(p)
  return { "measure by Flux in organisation " .. tostring(p.org) }
end

-- The cells of one record; quoted ones may hold commas and "".
local function cells(line)
  local list, at = {}, 1
  while at <= #line + 1 do
    if line:sub(at, at) == '"' then
      local parts = {}
      at = at + 1
      while true do
        local quoted, next_at = line:match('^([^"]*)"()', at)
        if not quoted then return list end
        parts[#parts + 1] = quoted
        at = next_at
        if line:sub(at, at) ~= '"' then break end
        parts[#parts + 1] = '"'
        at = at + 1
      end
      list[#list + 1] = table.concat(parts)
      at = at + 1
    else
      local cell, stop = line:match("^([^,]*)(),?", at)
      list[#list + 1] = cell
      at = stop + 1
    end
  end
  return list
end

-- Tables stand one after the other, a blank line between, each with a line of
-- names; an error comes as a table with the column "error".
local function values(text, p, ctx, lib)
  local list, column, failed, names, lines = {}, nil, nil, true, 0
  for line in (text .. "\n"):gmatch("(.-)\r?\n") do
    lines = lines + 1
    if lines > RECORDS_MAX then ctx.fail("influxdb answered more than %d records", RECORDS_MAX) end
    if line == "" then
      names = true
    elseif line:sub(1, 1) ~= "#" then
      local row = cells(line)
      if names then
        names, column, failed = false, nil, nil
        for i, name in ipairs(row) do
          if name == p.column then column = i end
          if name == "error" then failed = i end
        end
        if not column and not failed then
          ctx.fail("influxdb answered without a column '%s'", p.column)
        end
      elseif failed then
        ctx.fail("influxdb: %s", lib.words(row[failed] or ""))
      elseif (row[column] or "") ~= "" then
        list[#list + 1] = lib.number(row[column]) or row[column]
      end
    end
  end
  return lib.values(list)
end

function provider.measure(p, ctx)
  local lib = pipec.lib("answer")
  local headers = { Authorization = "Token " .. p.token, Accept = "application/csv",
                    ["Content-Type"] = "application/vnd.flux" }
  for k, v in pairs(p.header or {}) do headers[k] = v end
  local r = lib.ask({ timeout = p.timeout, ca = p.ca }, ctx, {
    method = "POST", headers = headers, body = p.query,
    url = ("%s/api/v2/query?org=%s"):format(p.url:gsub("/+$", ""), ctx.uri(p.org)),
  })
  if r.status ~= 200 then
    local ok, body = pcall(ctx.json.decode, r.body)
    ctx.fail("influxdb answered %d: %s", r.status, lib.words(
      ok and type(body) == "table" and tostring(body.message) or r.body))
  end
  return values(r.body, p, ctx, lib), lib.raw(r.body)
end

return provider
