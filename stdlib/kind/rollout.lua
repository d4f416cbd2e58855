local analysis = {
  args = { { "name", "symbol", doc = "its name, for once and for reports" } },
  fields = {
    from = { "int", default = 1, doc = "the canary step it starts at, from 1" },
    every = { "duration", default = "1m", doc = "time between two measurements" },
    count = { "int", doc = "measurements to take; default: until the end" },
    delay = { "duration", default = "0s", doc = "before the first one" },
    failures = { "int", default = 0, doc = "failed ones that are still borne" },
    inconclusive = { "int", default = 0,
                     doc = "undecided ones that are still borne" },
    errors = { "int", default = 4,
               doc = "measurements in a row that may not come off" },
    empty = { "symbol(pass|fail|inconclusive|error)", default = "inconclusive",
              doc = "what no data, or NaN, counts as" },
    once = { "bool", default = false,
             doc = "runs only where a step asks for it" },
    pass = { scope = { "result:any", "stable:any" },
             doc = "what holds of a good version" },
    fail = { scope = { "result:any", "stable:any" },
             doc = "what holds of a bad one" },
    compare = { fields = {
                  against = { "symbol(stable|baseline)", default = "stable",
                              doc = "the version to compare with" },
                  query = { "string", doc = "the same question about that one" },
                }, doc = "measure the other version too" },
    ["dry-run"] = { "bool", default = false, doc = "measure, decide nothing" },
  },
  families = { "provider" },
  ["repeat"] = true,
  doc = "what a good version looks like, measured while it takes traffic",
}

local until_type = "symbol(approved)"

local function steps(more)
  local fields = {
    hold = { args = { { "for", "duration", optional = true } },
             fields = { ["until"] = { until_type, doc = "somebody says yes" } },
             doc = "wait" },
    analyze = { args = { { "mode", "symbol(once)" }, { "name", "symbol" } },
                doc = "run an analysis now, go on when it passes" },
    run = { "command", doc = "run a command" },
  }
  for k, v in pairs(more) do fields[k] = v end
  return fields
end

local kind = pipec.kind "rollout" {
  doc = "Moves traffic to a new version step by step while it is measured; "
        .. "puts it all back when the version is bad.",
  fields = {
    router = { family = "router", required = true,
               doc = "what splits the traffic" },
    canary = {
      sequence = true,
      fields = steps {
        weight = { args = { { "weight", "percent" } },
                   fields = {
                     hold = { "duration", doc = "stay this long" },
                     ["until"] = { until_type, doc = "stay until somebody says yes" },
                   }, doc = "the new version's share of the traffic" },
        mirror = { args = { { "share", "percent" } },
                   doc = "send a copy of this much, answers thrown away" },
        header = { args = { { "header", "string" } },
                   doc = "requests with this header go to the new version" },
      },
      doc = "a little traffic first, then more",
    },
    bluegreen = {
      sequence = true,
      fields = steps {
        preview = { args = { { "url", "string", optional = true } },
                    doc = "the new version is reachable, without traffic" },
        switch = { args = {}, fields = { after = { "duration",
                                                   doc = "wait before" } },
                   doc = "all traffic at once" },
        keep = { args = { { "for", "duration" } },
                 doc = "keep the old version ready this long" },
      },
      doc = "all traffic at once, the old version kept ready",
    },
    analyze = analysis,
    baseline = { fields = { weight = { "percent", doc = "its share" } },
                 doc = "a fresh copy of the old version beside the new" },
    rollback = { "symbol(traffic|revert|none)", default = "revert",
                 doc = "on abort: traffic back; and what was committed "
                       .. "reverted; or nothing" },
    commit = { args = { { "sha", "string" } },
               fields = { repo = { "string", doc = "where, if not the stage's" } },
               doc = "the commit that an abort reverts" },
    deadline = { "duration", default = "24h", doc = "abort after this long" },
    drift = { "symbol(fix|abort|ignore)", default = "fix",
              doc = "what to do when somebody else moves the weight" },
  },
  outputs = {
    weight = { "percent", doc = "of the new version, at the end" },
    reason = { "string", doc = "why it was aborted" },
    result = { "string", doc = "promoted or aborted" },
  },
  effects = { "traffic" },
}

local function step_line(s)
  if s.is == "weight" then
    local line = "weight " .. pipec.percent(s.weight)
    if s.hold then line = line .. ", hold " .. pipec.duration(s.hold) end
    if s["until"] then line = line .. ", hold until approved" end
    return line
  elseif s.is == "hold" then
    return s["until"] and "hold until approved"
           or "hold " .. pipec.duration(s["for"] or 0)
  elseif s.is == "analyze" then
    return ("analyze %s once"):format(tostring(s.name))
  elseif s.is == "mirror" then
    return "mirror " .. pipec.percent(s.share)
  elseif s.is == "header" then
    return "header " .. tostring(s.header)
  elseif s.is == "preview" then
    return "preview" .. (s.url and " at " .. tostring(s.url) or "")
  elseif s.is == "switch" then
    return "switch all traffic"
  elseif s.is == "keep" then
    return "keep the old version " .. pipec.duration(s["for"])
  elseif s.is == "run" then
    return "run " .. pipec.command(s.run)
  end
  return s.is
end

function kind.plan(stage)
  local lines = {}
  local c = stage.canary or stage.bluegreen or { steps = {} }
  lines[1] = (stage.canary and "canary" or "blue-green") .. " through "
             .. tostring(stage.router.is)
  for i, s in ipairs(c.steps or {}) do
    lines[#lines + 1] = ("%d. %s"):format(i, step_line(s))
  end
  for _, a in ipairs(stage.analyze or {}) do
    lines[#lines + 1] = ("analyze %s every %s, %s borne"):format(
      tostring(a.name), pipec.duration(a.every),
      pipec.count(a.failures, "failure"))
  end
  return lines
end

function kind.run(stage, ctx)
  return pipec.lib("rollout").drive(stage, ctx)
end

return kind
