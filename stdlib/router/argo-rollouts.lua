local router = pipec.router "argo-rollouts" {
  doc = "Argo Rollouts does the routing, pipec leads: the Rollout's own steps "
        .. "are entered, promoted in full or aborted, in its status; its spec "
        .. "stays as Git has it. Each weight needs a step setWeight of it that "
        .. "a pause without end follows.",
  args = { { "rollout", "string", doc = "the Rollout" } },
  fields = {
    namespace = { "string" },
    context = { "string", doc = "of the kubeconfig" },
  },
  effects = { "traffic", "network" },
}

local function target(r, subresource)
  return { api = "argoproj.io/v1alpha1", kind = "Rollout", name = r.rollout,
           namespace = r.namespace, context = r.context,
           subresource = subresource }
end

local function list(v) return type(v) == "table" and v or {} end

local function read(r, ctx)
  local object = ctx.k8s.get(target(r))
  if not object then ctx.fail("there is no rollout '%s'", r.rollout) end
  local canary = list(list(object.spec).strategy).canary
  if type(canary) ~= "table" then
    ctx.fail("rollout '%s' has no canary strategy", r.rollout)
  end
  return object, list(canary.steps), list(object.status)
end

-- The index, from 0, of the step that sets this weight and is held.
local function step_of(r, ctx, steps, weight)
  for i, s in ipairs(steps) do
    if s.setWeight == weight then
      local pause = steps[i + 1] and steps[i + 1].pause
      if type(pause) ~= "table" or pause.duration then
        ctx.fail("rollout '%s': a pause without duration has to follow its "
                 .. "step setWeight: %d", r.rollout, weight)
      end
      return i - 1
    end
  end
  ctx.fail("rollout '%s' has no step setWeight: %d", r.rollout, weight)
end

local function promoted(status)
  return status.stableRS and status.stableRS ~= ""
         and status.stableRS == status.currentPodHash
end

function router.plan(r)
  return { "lead Rollout " .. r.rollout .. " through its own steps" }
end

-- JSON's null, which a merge patch deletes by.
local function null(ctx) return ctx.json.decode("[null]")[1] end

function router.set(r, ctx, weight)
  local n = math.floor(weight + 0.5)
  local _, steps, status = read(r, ctx)
  local patch
  if n <= 0 then
    if promoted(status) then return end
    patch = { abort = true }
  elseif n >= 100 then
    if promoted(status) then return end
    patch = { promoteFull = true, abort = false, pauseConditions = null(ctx),
              controllerPause = false }
  else
    if promoted(status) then
      ctx.fail("rollout '%s' has no new version to lead", r.rollout)
    end
    patch = { currentStepIndex = step_of(r, ctx, steps, n), abort = false,
              abortedAt = null(ctx), pauseConditions = null(ctx),
              controllerPause = false }
  end
  ctx.k8s.patch(target(r, "status"), { status = patch })
end

-- What it shows: its routed weights, or without a router those of the steps
-- that it is done with.
function router.get(r, ctx)
  local _, steps, status = read(r, ctx)
  local weights = list(list(status.canary).weights)
  if status.abort then
    return list(weights.canary).weight or 0
  elseif promoted(status) then
    -- Put back to the old version, it has nothing to promote either.
    return 100
  elseif weights.canary then
    return list(weights.canary).weight or 0
  end
  for i = math.min(status.currentStepIndex or 0, #steps), 1, -1 do
    if steps[i].setWeight then return steps[i].setWeight end
  end
  return (status.currentStepIndex or 0) >= #steps and 100 or 0
end

function router.check(r, ctx, asked)
  local _, steps, status = read(r, ctx)
  if promoted(status) then
    ctx.fail("rollout '%s' has no new version to lead: change its image first, "
             .. "and wait until it is seen", r.rollout)
  end
  for _, weight in ipairs(asked.weights) do
    if weight > 0 and weight < 100 then step_of(r, ctx, steps, weight) end
  end
end

return router
