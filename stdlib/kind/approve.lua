local kind = pipec.kind "approve" {
  doc = "Waits until somebody says yes, in the terminal or with `pipec approve`.",
  fields = {
    by = { "list(string)", min = 1, doc = "who may; default: anybody" },
    within = { "duration", min = 1, doc = "no answer by then is a no" },
    message = { "string", doc = "what is asked" },
  },
  outputs = { by = { "string", doc = "who said yes" } },
}

function kind.plan(stage)
  local line = "wait for approval"
  if stage.by then line = line .. " by " .. table.concat(stage.by, ", ") end
  if stage.within then
    line = line .. " within " .. pipec.duration(stage.within)
  end
  return { line }
end

function kind.run(stage, ctx)
  local answer = ctx.wait {
    ["for"] = "approval", what = stage.message or "go on with " .. stage.name,
    by = stage.by, within = stage.within,
  }
  if answer.action == "timeout" then
    ctx.fail("nobody approved within %s", pipec.duration(stage.within))
  elseif answer.action ~= "approve" then
    ctx.fail("%s said no", answer.by or "somebody")
  end
  return { by = answer.by or "" }
end

return kind
