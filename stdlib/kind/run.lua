local kind = pipec.kind "run" {
  doc = "Runs commands, one after the other, until one fails.",
  fields = {
    run = { "command", min = 1, ["repeat"] = true, required = true,
            doc = "what to run: a text is `sh -eu`'s, a list starts no shell" },
  },
  commands = "run",
}

function kind.plan(stage)
  local lines = {}
  for i, c in ipairs(stage.run) do lines[i] = pipec.command(c) end
  return lines
end

return kind
