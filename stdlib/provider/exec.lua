local provider = pipec.provider "exec" {
  doc = "What a command prints: a number, true or false, JSON, or a text.",
  args = { { "command", "command" } },
  fields = { timeout = { "duration", default = "30s" } },
  effects = { "exec" },
}

function provider.plan(p)
  return { "measure by " .. pipec.command(p.command) }
end

function provider.measure(p, ctx)
  local out = ctx.run(p.command, { quiet = true, timeout = p.timeout }).out
  local text = out:match("^%s*(.-)%s*$")
  if text == "" then return nil, "" end
  if text == "NaN" then return 0 / 0, text end
  local ok, value = pcall(ctx.json.decode, text)
  if ok then return value, text end
  return text, text
end

return provider
