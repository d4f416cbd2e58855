-- Routers and providers, as they are, against objects and answers of a file:
-- jobs.json, a list of {router | provider, config, objects, weight, answer};
-- what came of each into results.json.
local kind = pipec.kind "backends" {
  doc = "Runs routers and providers against what a file holds.",
  fields = { jobs = { "path", required = true } },
}

local function fake_k8s(ctx, objects)
  local k8s = {}
  function k8s.get(t) return objects[t.kind .. "/" .. t.name] end
  function k8s.update(t, change)
    local object = k8s.get(t)
    if not object then ctx.fail("404: there is no %s '%s'", t.kind, t.name) end
    return change(object) or object
  end
  function k8s.patch(t, object)
    objects[t.kind .. "/" .. t.name] = object
    return object
  end
  return k8s
end

local function copy(ctx, v) return ctx.json.decode(ctx.json.encode(v)) end

-- What the objects are after the weight (and a header and a mirror) was set,
-- after it was set once more, and after all of it was taken back.
local function route(job, ctx)
  for name, object in pairs(job.objects) do
    if type(object) == "string" then
      job.objects[name] = ctx.yaml.decode(object)[1]
    end
  end
  local fake = setmetatable({ k8s = fake_k8s(ctx, job.objects) }, { __index = ctx })
  local router = ctx.use("router", job.router)
  local traffic = { weight = job.weight, mirror = job.mirror or 0, header = job.header }
  local function set(weight, t)
    router.set(job.config, fake, weight, t)
    return copy(ctx, job.objects)
  end
  local r = { objects = set(job.weight, traffic) }
  r.weight, r.differs = router.get(job.config, fake, job.weight, traffic)
  if job.more then
    r.again = set(job.weight, traffic)
    r.back = set(0, { weight = 0, mirror = 0 })
  end
  return r
end

local function measure(job, ctx)
  local fake = setmetatable({ http = { request = function(q)
    if not q.url:match("^https?://") then ctx.fail("a URL must start with http") end
    if job.answer.error then ctx.fail("%s", job.answer.error) end
    return { status = job.answer.status, body = job.answer.body, headers = {} }
  end } }, { __index = ctx })
  local value = ctx.use("provider", job.provider).measure(job.config, fake)
  if value ~= value then return { text = "NaN" } end
  if value == math.huge then return { text = "+Inf" } end
  return { value = value }
end

function kind.run(stage, ctx)
  local results = {}
  for i, job in ipairs(ctx.json.decode(ctx.fs.read(stage.jobs))) do
    local ok, got = pcall(job.router and route or measure, job, ctx)
    results[i] = ok and got or { error = tostring(got) }
  end
  ctx.fs.write("results.json", ctx.json.encode(results))
end

return kind
