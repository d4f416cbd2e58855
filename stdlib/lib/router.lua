-- What routers have in common.
local M = {}

-- Whether two values are the same all the way down.
function M.same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for k, v in pairs(a) do if not M.same(v, b[k]) then return false end end
  for k in pairs(b) do if a[k] == nil then return false end end
  return true
end

function M.copy(v)
  if type(v) ~= "table" then return v end
  local t = {}
  for k, x in pairs(v) do t[k] = M.copy(x) end
  return t
end

-- In words, how a mirror's share differs from the one that was set.
function M.mirror_differs(set, now)
  if math.abs((set or 0) - now) < 0.005 then return nil end
  return ("the mirror's share is %s, and was set to %s"):format(
    pipec.percent(now), pipec.percent(set or 0))
end

-- The weight that a command of the user's prints, 0 to 100.
function M.printed(ctx, command, timeout)
  local out = ctx.run(command, { quiet = true, timeout = timeout }).out
  local n = tonumber(out:match("^%s*(%d+%.?%d*)%%?%s*$") or "")
  if not n or n > 100 then
    ctx.fail("'%s' printed %q, not a weight from 0 to 100",
             pipec.command(command), out:sub(1, 60))
  end
  return n
end

return M
