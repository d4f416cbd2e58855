-- Between the rollout engine, which decides, and the routers and providers,
-- which act.
local M = {}

local function run_step(step, ctx)
  if step.is == "lua" then
    ctx.lua(step.file or step.text, step.call)
  elseif step.command then
    ctx.run(step.command, { timeout = step.timeout })
  end
end

-- The images that stages of this run built before it, by their digests.
local function built(ctx)
  local refs = {}
  for _, b in ipairs(ctx.builds or {}) do
    local out = b.outputs or {}
    if out.digest then
      local name = (out.name or "") ~= "" and out.name or b.id
      refs[#refs + 1] = ("%s@%s"):format(name, out.digest)
    end
  end
  table.sort(refs)
  return #refs > 0 and table.concat(refs, " ") or nil
end

-- Its own version, where no commit brings one.
local function own_version(stage, ctx)
  if stage.version then return stage.version end
  for _, c in ipairs(ctx.commits or {}) do
    if (c.outputs or {}).version then return nil end
  end
  return built(ctx)
end

-- The versions that this rollout brings: named in the file, or committed or
-- built by stages of this run. Calls fn(version, environment) with each.
local function each_version(stage, ctx, fn)
  local own = own_version(stage, ctx)
  if own then
    fn(own, stage.environment)
    return
  end
  for _, c in ipairs(ctx.commits or {}) do
    local out = c.outputs or {}
    if out.version then fn(out.version, c.environment) end
  end
end

-- What this run committed, newest first. `again`: an attempt before this one
-- may have reverted it already.
local function revert(stage, ctx, again, reason)
  local commits = ctx.commits or {}
  if stage.rollback then
    for _, c in ipairs(stage.rollback.commits) do
      pipec.lib("commit").revert(c, ctx, again, reason)
    end
    return
  end
  for i = #commits, 1, -1 do
    pipec.lib("commit").revert(commits[i], ctx, again, reason)
  end
end

-- What is known of the versions now: for what they did, or because they have
-- proved good.
local function remember(stage, ctx, result)
  if result.blamed then
    each_version(stage, ctx, function(version, environment)
      ctx.reject(version, result.reason, environment)
    end)
  elseif result.result == "promoted" then
    each_version(stage, ctx, function(version, environment)
      ctx.reject(version, nil, environment)
    end)
  end
end

local function finish_back(result, ctx)
  if result.result ~= "aborted" then
    ctx.fail("the router does not show that all traffic is on stable")
  elseif result.revert_failed then
    ctx.fail("all traffic is on stable, but what was committed could not be "
             .. "taken back")
  end
end

-- What a router is told: weight and mirror in percent, header as {name, value}
-- or nil. It is always the whole: what is not in it, ends.
local function traffic_of(t)
  local name, value = (t.header or ""):match("^([^:]+):%s*(.-)%s*$")
  return { weight = t.weight, mirror = t.mirror,
           header = name and { name = name, value = value } or nil }
end

-- The steps that a router has to be able to do, for its check.
local function asks(stage)
  local asked = { weights = {}, headers = {} }
  for _, s in ipairs((stage.canary or stage.bluegreen or {}).steps or {}) do
    asked.header = asked.header or s.is == "header"
    if s.is == "header" and s.header ~= "" then
      asked.headers[#asked.headers + 1] = s.header:match("^[^:]+")
    end
    asked.mirror = asked.mirror or s.is == "mirror"
    if s.is == "weight" then asked.weights[#asked.weights + 1] = s.weight end
  end
  return asked
end

function M.drive(stage, ctx)
  local r = stage.router
  local router = ctx.use("router", r.is)
  local back = stage.rollback
  if not back and r.stable and r.stable == r.canary then
    ctx.fail("the router's stable and canary are both '%s'", r.stable)
  end
  if router.check and ctx.phase ~= "recover" and not back then
    router.check(r, ctx, asks(stage))
  end
  if not back and ctx.phase ~= "recover" then
    each_version(stage, ctx, function(version)
      pipec.lib("commit").refuse_rejected(version, ctx)
    end)
  end
  local version = not back and own_version(stage, ctx)
  if version then ctx.output("version", version) end
  local result = ctx.rollout {
    set = function(traffic)
      router.set(r, ctx, traffic.weight, traffic_of(traffic))
    end,
    look = function(traffic)
      if router.get then
        return router.get(r, ctx, traffic.weight, traffic_of(traffic))
      end
    end,
    measure = function(p) return ctx.use("provider", p.is).measure(p, ctx) end,
    command = function(step) run_step(step, ctx) end,
    revert = function(again, reason) revert(stage, ctx, again, reason) end,
  }
  if back then return finish_back(result, ctx) end
  remember(stage, ctx, result)
  ctx.output("weight", result.weight)
  ctx.output("result", result.result)
  ctx.output("reason", result.reason)
  if result.result ~= "promoted" then
    ctx.fail("%s", result.reason ~= "" and result.reason or result.result)
  end
end

return M
