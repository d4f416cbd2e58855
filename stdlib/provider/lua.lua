local provider = pipec.provider "lua" {
  doc = "What a Lua text or function returns.",
  args = { { "code", "string", doc = "Lua, or a file when call is given" } },
  fields = { call = { "string", doc = "function in the file" } },
}

function provider.measure(p, ctx)
  local value = ctx.lua(p.code, p.call)
  return value, ctx.json.encode(value)
end

return provider
