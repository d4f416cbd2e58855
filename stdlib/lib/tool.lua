-- Scanners that are a tool which prints SARIF.
local M = {}

function M.scan(name, argv, ctx)
  argv.ok, argv.quiet = "any", true
  local ran, r = pcall(ctx.exec, argv)
  if not ran then
    ctx.fail("the scanner '%s' could not be started: %s", name, r)
  end
  if not r.out:match("^%s*{") then
    ctx.fail("%s exited with %s: %s", name, tostring(r.code), r.err:sub(-300))
  end
  return pipec.lib("sarif").read(r.out, ctx)
end

-- The flags for a repeated option: --config a --config b.
function M.each(argv, flag, list)
  for _, v in ipairs(list or {}) do
    argv[#argv + 1] = flag
    argv[#argv + 1] = v
  end
end

return M
