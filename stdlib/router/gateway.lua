local router = pipec.router "gateway" {
  doc = "Gateway API: the weights of two backends in every rule of a route that "
        .. "has both. Other backends, filters and rules stay as they are. "
        .. "HTTPRoute and GRPCRoute: a header adds a rule of its own before "
        .. "each, a mirror is a RequestMirror filter; both go at the end.",
  args = { { "route", "string", doc = "the route" } },
  fields = {
    stable = { "string", required = true, doc = "Service of the old version" },
    canary = { "string", required = true, doc = "Service of the new version" },
    kind = { "symbol(HTTPRoute|GRPCRoute|TLSRoute|TCPRoute)",
             default = "HTTPRoute" },
    namespace = { "string" },
    api = { "string", doc = "API group and version; gateway.networking.k8s.io/v1 "
                            .. "unless said, v1alpha2 for TLSRoute and TCPRoute" },
    context = { "string", doc = "of the kubeconfig" },
  },
  effects = { "traffic", "network" },
  can = { "header", "mirror", "fraction" },
}

local FULL = 10000 -- the weight of all, so that hundredths of percents are exact
local MARK = "pipec/header" -- annotation: the header whose rules are ours

local function layer7(r) return r.kind == "HTTPRoute" or r.kind == "GRPCRoute" end

local function target(r)
  return { api = r.api or "gateway.networking.k8s.io/"
                 .. (layer7(r) and "v1" or "v1alpha2"),
           kind = r.kind, name = r.route, namespace = r.namespace,
           context = r.context }
end

local function list(v) return type(v) == "table" and v or {} end

local function ends_of(rule, r)
  local stable, canary
  for _, b in ipairs(list(rule.backendRefs)) do
    if not canary and b.name == r.canary then canary = b
    elseif not stable and b.name == r.stable then stable = b end
  end
  return stable, canary
end

-- Every rule that sends to both: {rule, stable, canary}.
local function find(r, object, ctx)
  local found, seen = {}, {}
  for _, rule in ipairs(list(list(object.spec).rules)) do
    local stable, canary = ends_of(rule, r)
    seen.stable, seen.canary = seen.stable or stable, seen.canary or canary
    if stable and canary then
      found[#found + 1] = { rule = rule, stable = stable, canary = canary }
    end
  end
  if #found == 0 then
    local missing = not seen.stable and r.stable or not seen.canary and r.canary
    if missing then
      ctx.fail("%s '%s' has no backend '%s'", r.kind, r.route, missing)
    end
    ctx.fail("%s '%s' has no rule with both '%s' and '%s'", r.kind, r.route,
             r.stable, r.canary)
  end
  return found
end

-- ---- header -----------------------------------------------------------------

local function has_header(match, name, value)
  for _, h in ipairs(list(match.headers)) do
    if h.name:lower() == name:lower() and h.value == value then return true end
  end
  return false
end

-- A rule to the new version alone, all whose matches want the marked header.
local function ours(rule, mark, r)
  local name, value = (mark or ""):match("^([^:]+): (.*)$")
  local refs, matches = list(rule.backendRefs), list(rule.matches)
  if not name or #refs ~= 1 or refs[1].name ~= r.canary or #matches == 0 then
    return false
  end
  for _, m in ipairs(matches) do
    if not has_header(m, name, value) then return false end
  end
  return true
end

local function header_rule(f, header)
  local rule = pipec.lib("router").copy(f.rule)
  rule.name = nil
  if #list(rule.matches) == 0 then rule.matches = { {} } end
  for _, m in ipairs(rule.matches) do
    m.headers = m.headers or {}
    m.headers[#m.headers + 1] = { name = header.name, type = "Exact",
                                  value = header.value }
  end
  local ref = pipec.lib("router").copy(f.canary)
  ref.weight = 1
  rule.backendRefs = { ref }
  return rule
end

local function set_header(object, header, r, ctx)
  local meta = object.metadata
  local old = list(meta.annotations)[MARK]
  local mark = header and ("%s: %s"):format(header.name, header.value)
  if old == mark then return false end
  local rules = {}
  for _, rule in ipairs(object.spec.rules) do
    if not ours(rule, old, r) then rules[#rules + 1] = rule end
  end
  object.spec.rules = rules
  meta.annotations = meta.annotations or {}
  meta.annotations[MARK] = mark
  if not header then return true end
  local new, found = {}, find(r, object, ctx)
  for _, rule in ipairs(rules) do
    for _, f in ipairs(found) do
      if f.rule == rule then new[#new + 1] = header_rule(f, header) end
    end
    new[#new + 1] = rule
  end
  object.spec.rules = new
  return true
end

-- ---- mirror -----------------------------------------------------------------

local function mirror_of(rule, r)
  for i, filter in ipairs(list(rule.filters)) do
    local m = filter.type == "RequestMirror" and list(filter.requestMirror)
    if m and list(m.backendRef).name == r.canary then return i, m end
  end
end

local function set_mirror(f, percent, r, ctx)
  local rule = f.rule
  local at, m = mirror_of(rule, r)
  local n = math.floor(percent + 0.5)
  local share = n < 100 and n or nil
  if n <= 0 then
    if not at then return false end
    table.remove(rule.filters, at)
    if #rule.filters == 0 then rule.filters = nil end
    return true
  end
  if at then
    local changed = m.percent ~= share
    m.percent = share
    return changed
  end
  local ref = pipec.lib("router").copy(f.canary)
  ref.weight, ref.filters = nil, nil
  rule.filters = rule.filters or ctx.json.array {}
  table.insert(rule.filters, { type = "RequestMirror",
    requestMirror = { backendRef = ref, percent = share } })
  return true
end

-- An API without `percent` forgets it, and would copy all.
local function check_mirror(object, percent, r, ctx)
  if percent <= 0 or percent >= 99.5 then return end
  for _, f in ipairs(find(r, object, ctx)) do
    local _, m = mirror_of(f.rule, r)
    if not m or not m.percent then
      ctx.fail("%s '%s': this Gateway API can mirror all requests only", r.kind, r.route)
    end
  end
end

-- ---- router -----------------------------------------------------------------

function router.plan(r)
  return { ("weights of %s and %s in %s %s"):format(r.stable, r.canary,
            tostring(r.kind), r.route) }
end

local function set_weight(f, weight)
  local n = math.floor(weight * FULL / 100 + 0.5)
  if f.canary.weight == n and f.stable.weight == FULL - n then return false end
  f.canary.weight, f.stable.weight = n, FULL - n
  return true
end

function router.set(r, ctx, weight, traffic)
  local mirror = traffic.mirror or 0
  local after = ctx.k8s.update(target(r), function(object)
    local changed = false
    for _, f in ipairs(find(r, object, ctx)) do
      changed = set_weight(f, weight) or changed
      if layer7(r) then changed = set_mirror(f, mirror, r, ctx) or changed end
    end
    if layer7(r) then
      changed = set_header(object, traffic.header, r, ctx) or changed
    end
    return changed and object or nil
  end)
  if after then check_mirror(after, mirror, r, ctx) end
end

-- What of the header's rules and the mirror is not as it was set.
local function differs(object, found, traffic, r, ctx)
  local mark = traffic.header and ("%s: %s"):format(traffic.header.name,
                                                    traffic.header.value)
  if list(object.metadata.annotations)[MARK] ~= mark then
    return ("the annotation %s is another"):format(MARK)
  end
  local mine = 0
  for _, rule in ipairs(object.spec.rules) do
    if ours(rule, mark, r) then mine = mine + 1 end
  end
  if mark and mine < #found then
    return ("the rule of the header '%s' is gone"):format(traffic.header.name)
  end
  for _, f in ipairs(found) do
    local at, m = mirror_of(f.rule, r)
    local what = pipec.lib("router").mirror_differs(
      math.floor((traffic.mirror or 0) + 0.5), at and (m.percent or 100) or 0)
    if what then return what end
  end
end

function router.get(r, ctx, want, traffic)
  local object = ctx.k8s.get(target(r))
  if not object then ctx.fail("there is no %s '%s'", r.kind, r.route) end
  local seen
  local found = find(r, object, ctx)
  for _, f in ipairs(found) do
    local c, s = f.canary.weight or 1, f.stable.weight or 1
    local now = c + s > 0 and c * 100 / (c + s) or 0
    -- Rules that differ are nobody's weight: what is furthest shows.
    if not seen or math.abs(now - (want or 0)) > math.abs(seen - (want or 0)) then
      seen = now
    end
  end
  return seen, traffic and layer7(r) and differs(object, found, traffic, r, ctx) or nil
end

function router.check(r, ctx, asked)
  if (asked.header or asked.mirror) and not layer7(r) then
    ctx.fail("a %s can neither mirror nor go by a header", r.kind)
  end
  router.get(r, ctx)
end

return router
