local router = pipec.router "gateway" {
  doc = "Gateway API: the weights of two backends in an HTTPRoute.",
  args = { { "route", "string", doc = "the HTTPRoute" } },
  fields = {
    stable = { "string", required = true, doc = "Service of the old version" },
    canary = { "string", required = true, doc = "Service of the new version" },
    kind = { "symbol(HTTPRoute|GRPCRoute)", default = "HTTPRoute" },
    namespace = { "string" },
    context = { "string", doc = "of the kubeconfig" },
  },
  effects = { "traffic", "network" },
}

local function target(r)
  return { api = "gateway.networking.k8s.io/v1", kind = r.kind or "HTTPRoute",
           name = r.route, namespace = r.namespace, context = r.context }
end

-- Every rule that sends to both; weights of a backend default to 1.
local function each(r, object, ctx, fn)
  local n = 0
  for _, rule in ipairs((object.spec or {}).rules or {}) do
    local stable, canary
    for _, b in ipairs(rule.backendRefs or {}) do
      if b.name == r.canary then canary = b
      elseif b.name == r.stable then stable = b end
    end
    if stable and canary then
      n = n + 1
      fn(stable, canary)
    end
  end
  if n == 0 then
    ctx.fail("%s '%s' has no rule with both '%s' and '%s'",
             r.kind or "HTTPRoute", r.route, r.stable, r.canary)
  end
end

function router.plan(r)
  return { ("weights of %s and %s in %s %s"):format(r.stable, r.canary,
            tostring(r.kind), r.route) }
end

function router.set(r, ctx, weight)
  local n = math.floor(weight * 100 + 0.5)
  ctx.k8s.update(target(r), function(object)
    local changed = false
    each(r, object, ctx, function(stable, canary)
      changed = changed or canary.weight ~= n or stable.weight ~= 10000 - n
      canary.weight, stable.weight = n, 10000 - n
    end)
    return changed and object or nil
  end)
end

function router.get(r, ctx)
  local object = ctx.k8s.get(target(r))
  if not object then ctx.fail("there is no route '%s'", r.route) end
  local weight
  each(r, object, ctx, function(stable, canary)
    local c, s = canary.weight or 1, stable.weight or 1
    local now = c + s > 0 and c * 100 / (c + s) or 0
    -- Rules that differ are nobody's weight: what is furthest shows.
    weight = weight and math.max(weight, now) or now
  end)
  return weight
end

function router.check(r, ctx) router.get(r, ctx) end

return router
