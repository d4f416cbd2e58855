local router = pipec.router "nginx" {
  doc = "nginx: writes an included file that splits by split_clients, tests "
        .. "the configuration and reloads.",
  args = { { "file", "string", doc = "the included file that pipec owns" } },
  fields = {
    variable = { "string", default = "upstream_name",
                 doc = "the variable that proxy_pass uses" },
    key = { "string", default = "$request_id", doc = "what is split by" },
    stable = { "string", required = true, doc = "upstream of the old version" },
    canary = { "string", required = true, doc = "upstream of the new version" },
    test = { "command", default = "nginx -t -q", doc = "tests the configuration" },
    reload = { "command", default = "nginx -s reload", doc = "takes it into use" },
  },
  effects = { "traffic", "exec" },
}

function router.plan(r)
  return { ("split %s and %s in %s"):format(r.stable, r.canary, r.file) }
end

-- split_clients refuses 0%, so both ends are a plain map.
local function text(r, weight)
  local mark = ("# weight %.10g (written by pipec)\n"):format(weight)
  if weight <= 0 or weight >= 100 then
    return mark .. ('map "" $%s { default %s; }\n'):format(
      r.variable, weight <= 0 and r.stable or r.canary)
  end
  return mark .. ('split_clients "%s" $%s {\n    %.2f%% %s;\n    * %s;\n}\n')
    :format(r.key, r.variable, weight, r.canary, r.stable)
end

function router.set(r, ctx, weight)
  local old = ctx.fs.exists(r.file) and ctx.fs.read(r.file)
  ctx.fs.write(r.file, text(r, weight))
  local ok, why = pcall(ctx.run, r.test, {})
  if not ok then
    if old then ctx.fs.write(r.file, old) end
    ctx.fail("nginx refuses the split: %s", why)
  end
  ctx.run(r.reload, {})
end

function router.get(r, ctx)
  if not ctx.fs.exists(r.file) then return 0 end
  return tonumber(ctx.fs.read(r.file):match("^# weight (%S+)"))
end

return router
