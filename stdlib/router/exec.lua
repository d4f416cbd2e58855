local router = pipec.router "exec" {
  doc = "Commands of your own: one sets the weight, which is in $WEIGHT, one "
        .. "prints it. For the steps mirror and header there have to be "
        .. "commands too; they run with every weight, and at the end with 0 "
        .. "and with nothing.",
  fields = {
    set = { "command", required = true, doc = "sets the share $WEIGHT, 0 to 100" },
    get = { "command", doc = "prints it" },
    mirror = { "command", doc = "copies the share $MIRROR, 0 to 100, of the "
                                .. "requests to the new version" },
    header = { "command", doc = "sends requests with the header $HEADER, as "
                                .. "\"Name: value\", to the new version; empty: "
                                .. "none" },
    verify = { "command", doc = "fails, and says why, where mirror and header "
                                .. "are not as $MIRROR and $HEADER say" },
    timeout = { "duration", default = "30s" },
  },
  effects = { "traffic", "exec" },
  can = { "fraction", "mirror=mirror", "header=header" },
}

function router.plan(r)
  return { "WEIGHT=… " .. pipec.command(r.set) }
end

local function env_of(weight, traffic)
  local header = traffic.header
  return {
    WEIGHT = ("%.10g"):format(weight),
    MIRROR = ("%.10g"):format(traffic.mirror or 0),
    HEADER = header and ("%s: %s"):format(header.name, header.value) or "",
  }
end

function router.set(r, ctx, weight, traffic)
  local env = env_of(weight, traffic)
  for _, name in ipairs { "set", "mirror", "header" } do
    if r[name] then ctx.run(r[name], { env = env, timeout = r.timeout }) end
  end
end

function router.get(r, ctx, want, traffic)
  local weight, why = want, nil
  if r.get then weight = pipec.lib("router").printed(ctx, r.get, r.timeout) end
  if r.verify and traffic then
    local ok, e = pcall(ctx.run, r.verify, { env = env_of(want, traffic),
                                             quiet = true, timeout = r.timeout })
    if not ok then why = tostring(e) end
  end
  return weight, why
end

return router
