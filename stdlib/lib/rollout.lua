-- Between the rollout engine, which decides, and the routers and providers,
-- which act.
local M = {}

function M.drive(stage, ctx)
  local r = stage.router
  local router = ctx.use("router", r.is)
  return ctx.rollout {
    config = stage.config,
    set = function(traffic)
      router.set(r, ctx, traffic.weight, traffic)
      if router.mirror then router.mirror(r, ctx, traffic.mirror) end
      if router.header then router.header(r, ctx, traffic.header) end
    end,
    look = function()
      if router.get then return router.get(r, ctx) end
    end,
    measure = function(p)
      return ctx.use("provider", p.is).measure(p, ctx)
    end,
  }
end

return M
