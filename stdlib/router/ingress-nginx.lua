local router = pipec.router "ingress-nginx" {
  doc = "ingress-nginx: a second Ingress with canary annotations, made from "
        .. "the first.",
  args = { { "ingress", "string", doc = "the Ingress of the old version" } },
  fields = {
    stable = { "string", required = true, doc = "Service of the old version" },
    canary = { "string", required = true, doc = "Service of the new version" },
    prefix = { "string", default = "nginx.ingress.kubernetes.io",
               doc = "of the annotations" },
    namespace = { "string" },
    context = { "string", doc = "of the kubeconfig" },
  },
  effects = { "traffic", "network" },
}

local function target(r, name)
  return { api = "networking.k8s.io/v1", kind = "Ingress", name = name,
           namespace = r.namespace, context = r.context }
end

local function canary_name(r)
  return r.ingress:sub(1, 246) .. "-canary"
end

-- Only the paths that lead to the old version, led to the new one.
local function rules_of(r, source, ctx)
  local rules = {}
  for _, rule in ipairs(source.spec.rules or {}) do
    local paths = {}
    for _, p in ipairs((rule.http or {}).paths or {}) do
      local service = (p.backend or {}).service
      if service and service.name == r.stable then
        paths[#paths + 1] = { path = p.path, pathType = p.pathType,
          backend = { service = { name = r.canary, port = service.port } } }
      end
    end
    if #paths > 0 then
      rules[#rules + 1] = { host = rule.host, http = { paths = paths } }
    end
  end
  if #rules == 0 then
    ctx.fail("ingress '%s' has no rule with service '%s'", r.ingress, r.stable)
  end
  return rules
end

function router.plan(r)
  return { ("canary annotations beside ingress %s"):format(r.ingress) }
end

function router.set(r, ctx, weight)
  local source = ctx.k8s.get(target(r, r.ingress))
  if not source then ctx.fail("there is no ingress '%s'", r.ingress) end
  local t = target(r, canary_name(r))
  t.type, t.force = "apply", true
  ctx.k8s.patch(t, {
    apiVersion = "networking.k8s.io/v1", kind = "Ingress",
    metadata = { name = canary_name(r), annotations = {
      [r.prefix .. "/canary"] = "true",
      [r.prefix .. "/canary-weight"] = ("%d"):format(math.floor(weight + 0.5)),
    } },
    spec = { ingressClassName = source.spec.ingressClassName,
             tls = source.spec.tls, rules = rules_of(r, source, ctx) },
  })
end

function router.get(r, ctx)
  local i = ctx.k8s.get(target(r, canary_name(r)))
  if not i then return 0 end
  local a = (i.metadata or {}).annotations or {}
  return tonumber(a[r.prefix .. "/canary-weight"]) or 0
end

return router
