local router = pipec.router "exec" {
  doc = "Commands of your own: one sets the weight, which is in $WEIGHT, one "
        .. "prints it.",
  fields = {
    set = { "command", required = true, doc = "sets the share $WEIGHT, 0 to 100" },
    get = { "command", doc = "prints it" },
    timeout = { "duration", default = "30s" },
  },
  effects = { "traffic", "exec" },
}

function router.plan(r)
  return { "WEIGHT=… " .. pipec.command(r.set) }
end

function router.set(r, ctx, weight)
  ctx.run(r.set, { env = { WEIGHT = ("%.10g"):format(weight) },
                   timeout = r.timeout })
end

function router.get(r, ctx)
  if not r.get then return nil end
  local out = ctx.run(r.get, { quiet = true, timeout = r.timeout }).out
  local n = tonumber(out:match("^%s*(%d+%.?%d*)%%?%s*$") or "")
  if not n or n > 100 then
    ctx.fail("'%s' printed %q, not a weight from 0 to 100",
             pipec.command(r.get), out:sub(1, 60))
  end
  return n
end

return router
