local router = pipec.router "argo-rollouts" {
  doc = "Argo Rollouts does the routing: a Rollout's canary step is set to the "
        .. "weight that is wanted.",
  args = { { "rollout", "string", doc = "the Rollout" } },
  fields = {
    namespace = { "string" },
    context = { "string", doc = "of the kubeconfig" },
  },
  effects = { "traffic", "network" },
}

local function target(r)
  return { api = "argoproj.io/v1alpha1", kind = "Rollout", name = r.rollout,
           namespace = r.namespace, context = r.context }
end

function router.plan(r)
  return { "canary weight of Rollout " .. r.rollout }
end

-- A step of that weight and a pause without end: the controller stays there.
function router.set(r, ctx, weight)
  local n = math.floor(weight + 0.5)
  ctx.k8s.update(target(r), function(object)
    local canary = ((object.spec or {}).strategy or {}).canary
    if not canary then
      ctx.fail("rollout '%s' has no canary strategy", r.rollout)
    end
    canary.steps = n >= 100 and ctx.json.array {}
                   or { { setWeight = n }, { pause = {} } }
    return object
  end)
  if n >= 100 then return end
  local t = target(r)
  t.subresource = "status"
  ctx.k8s.patch(t, { status = { currentStepIndex = 0 } })
end

function router.get(r, ctx)
  local object = ctx.k8s.get(target(r))
  if not object then ctx.fail("there is no rollout '%s'", r.rollout) end
  local weights = ((object.status or {}).canary or {}).weights
  if weights and weights.canary then return weights.canary.weight end
  local steps = object.spec.strategy.canary.steps or {}
  return steps[1] and steps[1].setWeight or 100
end

return router
