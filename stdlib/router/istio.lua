local router = pipec.router "istio" {
  doc = "Istio: the weights of two destinations in the routes of a "
        .. "VirtualService. Without route=, tls or tcp these are the routes "
        .. "that lead to both; of each protocol there may be one. Other "
        .. "destinations keep their share, everything else stays as it is. "
        .. "A header adds a route of its own before each http route, a mirror "
        .. "is set in it; both go at the end.",
  args = { { "service", "string", doc = "the VirtualService" } },
  fields = {
    stable = { "string", required = true,
               doc = "host, or subset, of the old version" },
    canary = { "string", required = true,
               doc = "host, or subset, of the new version" },
    route = { "string", ["repeat"] = true, doc = "name of an http route" },
    tls = { fields = { port = { "int" }, sni = { "list(string)",
                       doc = "exactly these sniHosts" } },
            ["repeat"] = true, doc = "the tls routes that match this" },
    tcp = { fields = { port = { "int", required = true } },
            ["repeat"] = true, doc = "the tcp routes of this port" },
    namespace = { "string" },
    api = { "string", default = "networking.istio.io/v1beta1",
            doc = "API group and version" },
    context = { "string", doc = "of the kubeconfig" },
  },
  effects = { "traffic", "network" },
  can = { "header", "mirror" },
}

local function target(r)
  return { api = r.api, kind = "VirtualService", name = r.service,
           namespace = r.namespace, context = r.context }
end

local function list(v) return type(v) == "table" and v or {} end

-- A subset's name says it surely; a host is meant in full or by its first part.
local function is(entry, name)
  local d = list(list(entry).destination)
  local host = type(d.host) == "string" and d.host or ""
  return d.subset == name or host == name or host:match("^[^.]*") == name
end

local function ours(route, r)
  return route.name == "pipec-header-" .. r.canary
end

-- The destinations of a route, and what the others take of it.
local function ends_of(route, r)
  local stable, canary, others = nil, nil, 0
  for _, d in ipairs(list(route.route)) do
    if not canary and is(d, r.canary) then canary = d
    elseif not stable and is(d, r.stable) then stable = d
    else others = others + (tonumber(d.weight) or 0) end
  end
  return stable, canary, others
end

-- The port that its matches name, if any; false where they name several: such
-- a route is nobody's.
local function port_of(route)
  local port
  for _, m in ipairs(list(route.match)) do
    if port and m.port and m.port ~= port then return false end
    port = port or m.port
  end
  return port
end

local function set_of(names)
  local t, n = {}, 0
  for _, name in ipairs(list(names)) do
    if not t[name] then t[name], n = true, n + 1 end
  end
  return t, n
end

-- All sniHosts of a route are these, in any order.
local function sni_is(route, wanted)
  local want, n = set_of(wanted)
  local have = {}
  for _, m in ipairs(list(route.match)) do
    for _, host in ipairs(list(m.sniHosts)) do have[#have + 1] = host end
  end
  local got, k = set_of(have)
  for host in pairs(got) do
    if not want[host] then return false end
  end
  return n == k
end

local function fits(route, by, protocol, r)
  if protocol == "http" then return route.name == by end
  local port = port_of(route)
  if port == false or (by.port and port ~= by.port) then return false end
  return protocol == "tcp" or not by.sni or sni_is(route, by.sni)
end

local function describe(by, protocol)
  if protocol == "http" then return ("http route '%s'"):format(by) end
  local words = { protocol .. " route" }
  if by.port then words[#words + 1] = "with port " .. by.port end
  if by.sni then words[#words + 1] = "for " .. table.concat(by.sni, ", ") end
  return table.concat(words, " ")
end

local function add(found, route, protocol, r, ctx, what)
  local stable, canary, others = ends_of(route, r)
  for name, d in pairs { [r.stable] = stable or false, [r.canary] = canary or false } do
    if not d then
      ctx.fail("VirtualService '%s': %s does not lead to '%s'", r.service, what, name)
    end
  end
  for _, f in ipairs(found) do
    if f.route == route then return end
  end
  found[#found + 1] = { route = route, protocol = protocol, stable = stable,
                        canary = canary, others = math.min(others, 100) }
end

-- The routes that the file names.
local function named(found, routes, wanted, protocol, r, ctx)
  for _, by in ipairs(wanted) do
    local n = 0
    for _, route in ipairs(routes) do
      if fits(route, by, protocol, r) and not ours(route, r) then
        n = n + 1
        add(found, route, protocol, r, ctx, describe(by, protocol))
      end
    end
    if n == 0 then
      ctx.fail("VirtualService '%s' has no %s", r.service, describe(by, protocol))
    end
  end
end

-- The one route that leads to both, where the file names none.
local function unnamed(found, routes, protocol, r, ctx)
  local n = 0
  for _, route in ipairs(routes) do
    local stable, canary = ends_of(route, r)
    if stable and canary and not ours(route, r) then
      n = n + 1
      if n > 1 then
        ctx.fail("VirtualService '%s' has several %s routes to '%s' and '%s': "
                 .. "say which by %s", r.service, protocol, r.stable, r.canary,
                 protocol == "http" and "route=" or protocol .. " port=")
      end
      add(found, route, protocol, r, ctx, protocol .. " route")
    end
  end
end

-- Every route that is meant: {route, protocol, stable, canary, others}.
local function find(r, vs, ctx)
  local found, spec = {}, list(vs.spec)
  for _, protocol in ipairs { "http", "tls", "tcp" } do
    local wanted = list(r[protocol == "http" and "route" or protocol])
    local routes = list(spec[protocol])
    if #wanted > 0 then named(found, routes, wanted, protocol, r, ctx)
    else unnamed(found, routes, protocol, r, ctx) end
  end
  if #found == 0 then
    ctx.fail("VirtualService '%s' has no route to both '%s' and '%s'",
             r.service, r.stable, r.canary)
  end
  return found
end

-- Whole percents of what the other destinations leave.
local function share(weight, others)
  return math.floor(weight * (100 - others) / 100 + 0.5)
end

local function set_weight(f, weight)
  local n = share(weight, f.others)
  local rest = 100 - f.others - n
  if (f.canary.weight or 0) == n and (f.stable.weight or 0) == rest then
    return false
  end
  f.canary.weight, f.stable.weight = n, rest
  return true
end

local function set_mirror(f, percent, r, ctx)
  local route, to = f.route, f.canary.destination
  local mine = route.mirror and pipec.lib("router").same(route.mirror, to)
  if percent <= 0 then
    if not mine then return false end
    route.mirror, route.mirrorPercentage = nil, nil
    return true
  end
  if route.mirror and not mine then
    ctx.fail("VirtualService '%s': a route mirrors to somewhere else already", r.service)
  end
  if mine and route.mirrorPercentage and route.mirrorPercentage.value == percent then
    return false
  end
  route.mirror, route.mirrorPercentage = to, { value = percent }
  return true
end

-- What the route matches, and the header too, goes to the new version.
local function header_route(f, header, r)
  local route = pipec.lib("router").copy(f.route)
  if #list(route.match) == 0 then route.match = { {} } end
  for _, m in ipairs(route.match) do
    m.headers = m.headers or {}
    m.headers[header.name:lower()] = { exact = header.value }
  end
  route.name = "pipec-header-" .. r.canary
  route.route = { { destination = pipec.lib("router").copy(f.canary.destination), weight = 100 } }
  route.mirror, route.mirrorPercentage = nil, nil
  return route
end

-- The http routes anew, ours before those they belong to; whether that
-- differs.
local function set_header(vs, found, header, r)
  local old, new = list(list(vs.spec).http), {}
  for _, route in ipairs(old) do
    if not ours(route, r) then
      for _, f in ipairs(header and found or {}) do
        if f.route == route then new[#new + 1] = header_route(f, header, r) end
      end
      new[#new + 1] = route
    end
  end
  if pipec.lib("router").same(old, new) then return false end
  vs.spec.http = new
  return true
end

function router.plan(r)
  return { ("weights of %s and %s in VirtualService %s"):format(r.stable,
            r.canary, r.service) }
end

function router.set(r, ctx, weight, traffic)
  ctx.k8s.update(target(r), function(vs)
    local found, changed = find(r, vs, ctx), false
    for _, f in ipairs(found) do
      changed = set_weight(f, weight) or changed
      if f.protocol == "http" then
        changed = set_mirror(f, traffic.mirror or 0, r, ctx) or changed
      end
    end
    changed = set_header(vs, found, traffic.header, r) or changed
    return changed and vs or nil
  end)
end

-- One of our routes leads to the new version alone, by this header.
local function goes_by(route, header, r)
  if #list(route.match) == 0 then return false end
  for _, m in ipairs(route.match) do
    local h = list(m.headers)[header.name:lower()]
    if list(h).exact ~= header.value then return false end
  end
  local to = list(route.route)
  return #to == 1 and is(to[1], r.canary)
end

-- What of the header's routes and the mirror is not as it was set.
local function differs(vs, found, traffic, r)
  local mine, http = 0, 0
  for _, route in ipairs(list(list(vs.spec).http)) do
    if ours(route, r) then
      mine = mine + 1
      if not traffic.header then return "there is a header's route again" end
      if not goes_by(route, traffic.header, r) then
        return ("the route of the header '%s' is another"):format(traffic.header.name)
      end
    end
  end
  for _, f in ipairs(found) do
    if f.protocol == "http" then
      http = http + 1
      local what = pipec.lib("router").mirror_differs(traffic.mirror,
        pipec.lib("router").same(f.route.mirror, f.canary.destination)
        and (list(f.route.mirrorPercentage).value or 100) or 0)
      if what then return what end
    end
  end
  if traffic.header and mine < http then
    return ("the route of the header '%s' is gone"):format(traffic.header.name)
  end
end

function router.get(r, ctx, want, traffic)
  local vs = ctx.k8s.get(target(r))
  if not vs then ctx.fail("there is no VirtualService '%s'", r.service) end
  local seen
  local found = find(r, vs, ctx)
  for _, f in ipairs(found) do
    local now = (f.canary.weight or 0)
    -- What is rounded shows as what was asked for.
    if want and now == share(want, f.others) and
       (f.stable.weight or 0) == 100 - f.others - now then
      now = want
    else
      local both = now + (f.stable.weight or 0)
      now = both > 0 and now * 100 / both or 0
    end
    -- Routes that differ are nobody's weight: what is furthest shows.
    if not seen or math.abs(now - (want or 0)) > math.abs(seen - (want or 0)) then
      seen = now
    end
  end
  return seen, traffic and differs(vs, found, traffic, r)
end

function router.check(r, ctx, asked)
  local vs = ctx.k8s.get(target(r))
  if not vs then ctx.fail("there is no VirtualService '%s'", r.service) end
  if not (asked.header or asked.mirror) then find(r, vs, ctx) return end
  for _, f in ipairs(find(r, vs, ctx)) do
    if f.protocol == "http" then return end
  end
  ctx.fail("VirtualService '%s': only http routes can mirror or go by a header", r.service)
end

return router
