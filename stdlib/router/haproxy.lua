local router = pipec.router "haproxy" {
  doc = "HAProxy, by its runtime socket: weights of two servers of one backend. "
        .. "For the step header the backend has to ask a map: \"use-server new "
        .. "if { req.hdr(X-Canary),map(/etc/haproxy/canary.map) -m str new }\" "
        .. "with map=\"/etc/haproxy/canary.map\" header=\"X-Canary\".",
  args = { { "socket", "string", doc = "path of the stats socket, level admin" } },
  fields = {
    backend = { "string", required = true },
    stable = { "string", required = true, doc = "server with the old version" },
    canary = { "string", required = true, doc = "server with the new version" },
    map = { "string", doc = "a map file that the configuration asks with the "
                            .. "header's value" },
    header = { "string", doc = "the header whose value that is" },
    timeout = { "duration", default = "5s" },
  },
  effects = { "traffic" },
  can = { "half", "header=map" },
}

function router.plan(r)
  return { ("weights of %s/%s and %s/%s at %s"):format(r.backend, r.stable,
            r.backend, r.canary, r.socket) }
end

-- HAProxy reports errors as text; a success is an empty line.
local function ask(ctx, r, command)
  local answer = ctx.unix(r.socket, command .. "\n", { timeout = r.timeout })
  return (answer:gsub("%s+$", ""))
end

-- The map holds the header's value and the new version's server, or nothing:
-- what it holds now and what it should.
local function entries(r, ctx, header)
  local shown = ask(ctx, r, "show map " .. r.map)
  if shown:match("^Unknown") then
    if not header then return end
    ctx.fail("haproxy has no map '%s': %s", r.map, shown)
  end
  return shown:match("^0x%x+ (.*)$"),
         header and ("%s %s"):format(header.value, r.canary) or nil
end

local function set_header(r, ctx, header)
  local now, want = entries(r, ctx, header)
  if now == want then return end
  local commands = now and { "clear map " .. r.map } or {}
  if header then
    commands[#commands + 1] = ("add map %s %s %s"):format(r.map,
      header.value:gsub("[\\ ;]", "\\%0"), r.canary)
  end
  for _, command in ipairs(commands) do
    local answer = ask(ctx, r, command)
    if answer ~= "" then ctx.fail("haproxy on %s: %s", r.map, answer) end
  end
end

function router.set(r, ctx, weight, traffic)
  -- Of 256 steps HAProxy's finest share is one: 200 keeps halves of percents.
  local canary = math.floor(weight * 2 + 0.5)
  for _, s in ipairs { { r.canary, canary }, { r.stable, 200 - canary } } do
    local answer = ask(ctx, r, ("set server %s/%s weight %d"):format(
      r.backend, s[1], s[2]))
    if answer ~= "" then
      ctx.fail("haproxy on %s/%s: %s", r.backend, s[1], answer)
    end
  end
  if r.map then set_header(r, ctx, traffic.header) end
end

local function weight_of(ctx, r, server)
  local answer = ask(ctx, r, ("get weight %s/%s"):format(r.backend, server))
  local n = answer:match("^(%d+) %(initial")
  if not n then ctx.fail("haproxy on %s/%s: %s", r.backend, server, answer) end
  return tonumber(n)
end

function router.get(r, ctx, want, traffic)
  local canary, stable = weight_of(ctx, r, r.canary), weight_of(ctx, r, r.stable)
  local both, why = canary + stable, nil
  if r.map and traffic then
    local now, meant = entries(r, ctx, traffic.header)
    if now ~= meant then
      why = ("the map '%s' holds %s"):format(r.map, now and "'" .. now .. "'" or "nothing")
    end
  end
  return both > 0 and canary * 100 / both or 0, why
end

function router.check(r, ctx, asked)
  router.get(r, ctx)
  if r.map and asked.header and ask(ctx, r, "show map " .. r.map):match("^Unknown") then
    ctx.fail("haproxy has no map '%s'", r.map)
  end
  for _, header in ipairs(asked.headers) do
    if not r.header or header:lower() ~= r.header:lower() then
      ctx.fail("the map '%s' is asked by the header '%s', not by '%s'", r.map,
               r.header or "(none: say header=)", header)
    end
  end
end

return router
