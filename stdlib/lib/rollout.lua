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

-- What this run committed, newest first. `again`: an attempt before this one
-- may have reverted it already.
local function revert(ctx, again, reason)
  local commits = ctx.commits or {}
  for i = #commits, 1, -1 do
    pipec.lib("commit").revert(commits[i], ctx, again, reason)
  end
end

function M.drive(stage, ctx)
  local r = stage.router
  local router = ctx.use("router", r.is)
  if router.check then router.check(r, ctx) end
  local told = {}
  local result = ctx.rollout {
    set = function(traffic)
      router.set(r, ctx, traffic.weight, traffic)
      if router.mirror and traffic.mirror ~= (told.mirror or 0) then
        router.mirror(r, ctx, traffic.mirror)
      end
      if router.header and traffic.header ~= told.header then
        router.header(r, ctx, traffic.header)
      end
      told = traffic
    end,
    look = function()
      if router.get then return router.get(r, ctx) end
    end,
    measure = function(p) return ctx.use("provider", p.is).measure(p, ctx) end,
    command = function(step) run_step(step, ctx) end,
    revert = function(again, reason) revert(ctx, again, reason) end,
  }
  ctx.output("weight", result.weight)
  ctx.output("result", result.result)
  ctx.output("reason", result.reason)
  if result.result ~= "promoted" then
    ctx.fail("%s", result.reason ~= "" and result.reason or result.result)
  end
end

return M
