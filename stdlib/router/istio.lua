local router = pipec.router "istio" {
  doc = "Istio: the weights of two destinations in a VirtualService.",
  args = { { "service", "string", doc = "the VirtualService" } },
  fields = {
    stable = { "string", required = true,
               doc = "host, or subset, of the old version" },
    canary = { "string", required = true,
               doc = "host, or subset, of the new version" },
    route = { "string", doc = "name of the http route; needed when it has several" },
    namespace = { "string" },
    context = { "string", doc = "of the kubeconfig" },
  },
  effects = { "traffic", "network" },
}

local function target(r)
  return { api = "networking.istio.io/v1beta1", kind = "VirtualService",
           name = r.service, namespace = r.namespace, context = r.context }
end

local function is(destination, name)
  local d = destination or {}
  return d.subset == name or (d.host or ""):match("^[^.]*") == name
         or d.host == name
end

-- The two destinations of the one route that is meant.
local function find(r, vs, ctx)
  local found
  for _, route in ipairs((vs.spec or {}).http or {}) do
    if not r.route or route.name == r.route then
      local stable, canary
      for _, d in ipairs(route.route or {}) do
        if is(d.destination, r.canary) then canary = d
        elseif is(d.destination, r.stable) then stable = d end
      end
      if stable and canary then
        if found then
          ctx.fail("VirtualService '%s' has several such routes: say route=", r.service)
        end
        found = { stable, canary }
      end
    end
  end
  if not found then
    ctx.fail("VirtualService '%s' has no route to both '%s' and '%s'",
             r.service, r.stable, r.canary)
  end
  return found[1], found[2]
end

function router.plan(r)
  return { ("weights of %s and %s in VirtualService %s"):format(r.stable,
            r.canary, r.service) }
end

-- Istio takes whole percents that add up to 100.
function router.set(r, ctx, weight)
  local n = math.floor(weight + 0.5)
  ctx.k8s.update(target(r), function(vs)
    local stable, canary = find(r, vs, ctx)
    if (canary.weight or 0) == n and (stable.weight or 0) == 100 - n then
      return nil
    end
    canary.weight, stable.weight = n, 100 - n
    return vs
  end)
end

function router.get(r, ctx)
  local vs = ctx.k8s.get(target(r))
  if not vs then ctx.fail("there is no VirtualService '%s'", r.service) end
  local _, canary = find(r, vs, ctx)
  return canary.weight or 0
end

function router.check(r, ctx) router.get(r, ctx) end

return router
