# Lua with a time limit, against plain Lua: the limit is a timer that arms a hook
# only when it is over, so tight loops run at full speed.
cat >loop.lua <<'X'
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local n, words = 0, {}
for i = 1, 3e7 do n = n + i % 7 end
for i = 1, 2e5 do words[#words + 1] = ("%d"):format(i):reverse() end
local sum = fib(29) + n + #table.concat(words)
X
{ cat loop.lua; echo 'print(sum)'; } >plain.lua
{ echo 'local M = {}'; echo 'function M.work(stage, ctx)'; cat loop.lua; echo 'ctx.fs.write("sum", tostring(sum) .. "\n")'; echo 'end'; echo 'return M'; } >hook.lua
echo 'run t { run ["true"]; after { lua "hook.lua" call=work } }' >lua.pipeline
"$PIPEC" run lua.pipeline >/dev/null
must "both compute the same" test "$(cat sum)" = "$(lua5.4 plain.lua)"
pair -n 5 "a Lua hook's loops / lua5.4" 1.1 "$PIPEC" run lua.pipeline -- lua5.4 plain.lua
