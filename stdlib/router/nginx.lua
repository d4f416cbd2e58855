local router = pipec.router "nginx" {
  doc = "nginx: writes an included file that splits by split_clients, tests "
        .. "the configuration and reloads. The file belongs into http { }; "
        .. "proxy_pass goes by $upstream_name. For mirror, a location that "
        .. "`mirror` leads to goes by a second variable: \"location = /copy { "
        .. "internal; if ($copy_to = '') { return 204; } proxy_pass "
        .. "http://$copy_to$request_uri; }\" with mirror=\"copy_to\".",
  args = { { "file", "string", doc = "the included file that pipec owns" } },
  fields = {
    variable = { "string", default = "upstream_name",
                 doc = "the variable that proxy_pass uses" },
    mirror = { "string", doc = "a variable that is the new version's upstream "
                               .. "for requests to copy, and else empty" },
    key = { "string", default = "$request_id", doc = "what is split by" },
    stable = { "string", required = true, doc = "upstream of the old version" },
    canary = { "string", required = true, doc = "upstream of the new version" },
    test = { "command", default = "nginx -t -q", doc = "tests the configuration" },
    reload = { "command", default = "nginx -s reload", doc = "takes it into use" },
  },
  effects = { "traffic", "exec" },
  can = { "header", "mirror=mirror", "fraction" },
}

function router.plan(r)
  return { ("split %s and %s in %s"):format(r.stable, r.canary, r.file) }
end

-- split_clients refuses 0%, so both ends are a plain map.
local function split(key, variable, weight, canary, rest)
  if weight <= 0 or weight >= 100 then
    return ('map "" $%s { default %s; }\n'):format(
      variable, weight <= 0 and rest or canary)
  end
  return ('split_clients "%s" $%s {\n    %.2f%% %s;\n    * %s;\n}\n')
    :format(key, variable, weight, canary, rest)
end

-- A pattern that only this text matches, case and all, in quotes.
local function exactly(text)
  local pattern = "~^" .. text:gsub("[^%w]", "\\%0") .. "$"
  return '"' .. pattern:gsub('[\\"]', "\\%0") .. '"'
end

-- "X-Canary" as nginx knows it.
local function header_variable(name)
  return "$http_" .. name:lower():gsub("-", "_")
end

local function text(r, weight, traffic)
  local out = { ("# weight %.10g (written by pipec)\n"):format(weight) }
  local header = traffic.header
  if header then
    local inner = r.variable .. "_split"
    out[2] = split(r.key, inner, weight, r.canary, r.stable)
    out[3] = ("map %s $%s {\n    default $%s;\n    %s %s;\n}\n"):format(
      header_variable(header.name), r.variable, inner, exactly(header.value),
      r.canary)
  else
    out[2] = split(r.key, r.variable, weight, r.canary, r.stable)
  end
  if r.mirror then
    out[#out + 1] = split("mirror " .. r.key, r.mirror, traffic.mirror or 0,
                          r.canary, '""')
  end
  return table.concat(out)
end

function router.set(r, ctx, weight, traffic)
  local old = ctx.fs.exists(r.file) and ctx.fs.read(r.file)
  ctx.fs.write(r.file, text(r, weight, traffic))
  local ok, why = pcall(ctx.run, r.test, {})
  if not ok then
    if old then ctx.fs.write(r.file, old) else ctx.fs.remove(r.file) end
    ctx.fail("nginx refuses the split: %s", why)
  end
  ctx.run(r.reload, {})
end

function router.get(r, ctx, want, traffic)
  if not ctx.fs.exists(r.file) then return 0 end
  local now = ctx.fs.read(r.file)
  local n = tonumber(now:match("^# weight (%S+)") or "")
            or ctx.fail("'%s' is not as pipec wrote it", r.file)
  if traffic and n == want and now ~= text(r, want, traffic) then
    return n, ("'%s' is not as pipec wrote it"):format(r.file)
  end
  return n
end

return router
