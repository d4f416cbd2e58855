local router = pipec.router "haproxy" {
  doc = "HAProxy, by its runtime socket: weights of two servers of one backend.",
  args = { { "socket", "string", doc = "path of the stats socket, level admin" } },
  fields = {
    backend = { "string", required = true },
    stable = { "string", required = true, doc = "server with the old version" },
    canary = { "string", required = true, doc = "server with the new version" },
    timeout = { "duration", default = "5s" },
  },
  effects = { "traffic" },
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

function router.set(r, ctx, weight)
  -- Of 256 steps HAProxy's finest share is one: 200 keeps halves of percents.
  local canary = math.floor(weight * 2 + 0.5)
  for _, s in ipairs { { r.canary, canary }, { r.stable, 200 - canary } } do
    local answer = ask(ctx, r, ("set server %s/%s weight %d"):format(
      r.backend, s[1], s[2]))
    if answer ~= "" then
      ctx.fail("haproxy on %s/%s: %s", r.backend, s[1], answer)
    end
  end
end

local function weight_of(ctx, r, server)
  local answer = ask(ctx, r, ("get weight %s/%s"):format(r.backend, server))
  local n = answer:match("^(%d+) %(initial")
  if not n then ctx.fail("haproxy on %s/%s: %s", r.backend, server, answer) end
  return tonumber(n)
end

function router.get(r, ctx)
  local canary, stable = weight_of(ctx, r, r.canary), weight_of(ctx, r, r.stable)
  if canary + stable == 0 then return 0 end
  return canary * 100 / (canary + stable)
end

function router.check(r, ctx)
  router.get(r, ctx)
end

return router
