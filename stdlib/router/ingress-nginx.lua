local router = pipec.router "ingress-nginx" {
  doc = "ingress-nginx: beside each Ingress a second one, NAME-canary, with "
        .. "canary annotations, made from the first. A header is canary-by-header.",
  args = { { "ingress", "string", rest = true,
             doc = "the Ingress, or several, of the old version" } },
  fields = {
    stable = { "string", required = true, doc = "Service of the old version" },
    canary = { "string", required = true, doc = "Service of the new version" },
    prefix = { "string", default = "nginx.ingress.kubernetes.io",
               doc = "of the annotations" },
    annotation = { "map(string)", doc = "more of them, for the canary's Ingress" },
    namespace = { "string" },
    context = { "string", doc = "of the kubeconfig" },
  },
  effects = { "traffic", "network" },
  can = { "header" },
}

local NAME_MAX = 253
local CLASS = "kubernetes.io/ingress.class"
local OWNER = "app.kubernetes.io/managed-by"

local function target(r, name)
  return { api = "networking.k8s.io/v1", kind = "Ingress", name = name,
           namespace = r.namespace, context = r.context }
end

local function canary_name(name)
  return name:sub(1, NAME_MAX - #"-canary") .. "-canary"
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
    ctx.fail("ingress '%s' has no rule with service '%s'",
             source.metadata.name, r.stable)
  end
  return rules
end

function router.plan(r)
  local lines = {}
  for _, name in ipairs(r.ingress) do
    lines[#lines + 1] = ("canary annotations in ingress %s"):format(
      canary_name(tostring(name)))
  end
  return lines
end

local function source_of(r, ctx, name)
  return ctx.k8s.get(target(r, name))
         or ctx.fail("there is no ingress '%s'", name)
end

-- What it was made from; an Ingress of that name that somebody else made is
-- not touched.
local function existing(r, ctx, name)
  local i = ctx.k8s.get(target(r, canary_name(name)))
  if i and ((i.metadata or {}).labels or {})[OWNER] ~= "pipec" then
    ctx.fail("ingress '%s' is not pipec's: it has no label %s=pipec",
             canary_name(name), OWNER)
  end
  return i
end

local function annotations(r, source, weight, header)
  local a = { [CLASS] = ((source.metadata or {}).annotations or {})[CLASS] }
  for k, v in pairs(r.annotation or {}) do
    a[k:find("/", 1, true) and k or r.prefix .. "/" .. k] = v
  end
  a[r.prefix .. "/canary"] = "true"
  a[r.prefix .. "/canary-weight"] = ("%d"):format(math.floor(weight + 0.5))
  if header then
    a[r.prefix .. "/canary-by-header"] = header.name
    a[r.prefix .. "/canary-by-header-value"] = header.value
  end
  return a
end

function router.set(r, ctx, weight, traffic)
  for _, name in ipairs(r.ingress) do
    local source = source_of(r, ctx, name)
    existing(r, ctx, name)
    local t = target(r, canary_name(name))
    t.type, t.force = "apply", true
    ctx.k8s.patch(t, {
      apiVersion = t.api, kind = t.kind,
      metadata = { name = t.name, labels = { [OWNER] = "pipec" },
        annotations = annotations(r, source, weight, traffic.header) },
      spec = { ingressClassName = source.spec.ingressClassName,
               tls = source.spec.tls, rules = rules_of(r, source, ctx) },
    })
  end
end

-- What of the header's annotations is not as it was set.
local function differs(r, a, header)
  local name = a[r.prefix .. "/canary-by-header"]
  local value = a[r.prefix .. "/canary-by-header-value"]
  if not header and name and not (r.annotation or {})["canary-by-header"] then
    return "there is a canary-by-header again"
  elseif header and (name ~= header.name or value ~= header.value) then
    return ("canary-by-header is '%s: %s'"):format(name or "", value or "")
  end
end

function router.get(r, ctx, want, traffic)
  local seen, why
  for _, name in ipairs(r.ingress) do
    local i = existing(r, ctx, name)
    local a = i and i.metadata.annotations or {}
    why = why or (traffic and i and differs(r, a, traffic.header))
    local now = a[r.prefix .. "/canary"] == "true"
                and tonumber(a[r.prefix .. "/canary-weight"]) or 0
    if not seen or math.abs(now - (want or 0)) > math.abs(seen - (want or 0)) then
      seen = now
    end
  end
  return seen, why or nil
end

function router.check(r, ctx)
  if #r.ingress == 0 then ctx.fail("ingress-nginx needs the name of an ingress") end
  for _, name in ipairs(r.ingress) do
    rules_of(r, source_of(r, ctx, name), ctx)
    existing(r, ctx, name)
  end
end

return router
