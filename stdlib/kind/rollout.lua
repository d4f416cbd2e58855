local count = "int"
local remedy = "symbol(abort|hold|continue)"

local analysis = {
  args = { { "name", "symbol", doc = "its name, for `analyze once` and reports" } },
  fields = {
    from = { "int", min = 1,
             doc = "the step it begins with, from 1; without it, the first "
                   .. "that brings traffic" },
    every = { "duration", min = 1,
              doc = "between the starts of two measurements" },
    count = { count, min = 0,
              doc = "measurements to take; without it, or 0, until the end" },
    -- In all of these -1 is off, too, as in the field.
    failures = { "any", min = -1, doc = "failed ones that are borne, 0 unless "
                                        .. "said; one more aborts; or off" },
    ["consecutive-failures"] = { "any", min = -1, doc = "the same, in a row; or off" },
    errors = { count, min = -1, default = 4,
               doc = "measurements in a row that may not come off" },
    inconclusive = { count, min = -1, default = 0,
                     doc = "undecided ones that are borne" },
    successes = { count, min = 0, doc = "this many in a row end it well" },
    ["initial-delay"] = { "duration", doc = "before the first measurement" },
    within = { "duration", min = 1, doc = "no verdict by then is an error" },
    timeout = { "duration", min = 1, doc = "of one measurement" },
    pass = { scope = { "result:any", "stable:any" },
             doc = "what holds of a good version" },
    fail = { scope = { "result:any", "stable:any" },
             doc = "what holds of a bad one; wins over pass" },
    ["no-data"] = {
      args = { { "policy", "symbol(hold|fail|pass)" } },
      fields = { ["for"] = { "duration", doc = "borne this long first" } },
      doc = "what an empty answer, or NaN, counts as; hold unless said",
    },
    samples = { fields = { min = { count, min = 0, required = true },
                           query = { "string", doc = "how many there were" } },
                doc = "a measurement made from fewer is no data" },
    on = { args = { { "event", "symbol(failed|inconclusive|error)" },
                    { "remedy", remedy } },
           ["repeat"] = true, doc = "what a bad end does to the rollout" },
    compare = {
      fields = {
        against = { "symbol(stable)", default = "stable" },
        judge = { "symbol(mann-whitney|mean-inequality|sequential)",
                  default = "mann-whitney",
                  doc = "how the two versions are compared: by ranks, by "
                        .. "their means alone, or as `sequential`" },
        alpha = { "percent", min = 1e-6, max = 50,
                  doc = "sequential: chance of a false abort" },
        counts = { "symbol(bad|good)",
                   doc = "sequential: what the measured rate is a rate of" },
        direction = { "symbol(increase|decrease|either)",
                      doc = "which way is worse; either unless said" },
        tolerance = { "float", min = 0, max = 1,
                      doc = "share of the shift that is none; 0.25 unless said" },
        confidence = { "float", min = 0.5, max = 0.9999,
                       doc = "of the shift's interval; 0.98 unless said" },
        nan = { "symbol(remove|replace)",
                doc = "NaN is left out, or counts as 0" },
        outliers = { "symbol(keep|remove|iqr|ksigma)",
                     doc = "keep, unless said; remove: beyond the quartiles "
                           .. "and the 1st or 99th percentile; iqr: beyond "
                           .. "the quartiles; ksigma: far from the mean" },
        ["outlier-factor"] = { "float", min = 0, max = 100,
                               doc = "how far: in distances of the quartiles, "
                                     .. "or deviations; 3 unless said" },
        effect = { "symbol(mean-ratio|cles)",
                   doc = "how the size of a difference is told: ratio of the "
                         .. "means, or chance that the canary is above" },
        ["allowed-increase"] = { "float", min = 0, max = 1e6,
                                  doc = "effect up to which more is no harm" },
        ["allowed-decrease"] = { "float", min = 0, max = 1e6,
                                  doc = "effect down to which less is no harm" },
        ["critical-increase"] = { "float", min = 0, max = 1e6,
                                  doc = "effect from which more is critical" },
        ["critical-decrease"] = { "float", min = 0, max = 1e6,
                                  doc = "effect from which less is critical" },
        critical = { "bool", doc = "alone makes the score 0" },
        ["must-have-data"] = { "bool", doc = "no data is a failure" },
        group = { "string", doc = "it counts in, for the score" },
        groups = { "list(string)", doc = "the same, several" },
        weight = { "float", min = 0, max = 100, doc = "of that group, of 100" },
        query = { "string", doc = "the same question about the stable version" },
        samples = { fields = { query = { "string", required = true } },
                    doc = "how many there were of the stable version" },
      },
      doc = "judge by the stable version, measured at the same time",
    },
    sequential = {
      fields = {
        alpha = { "percent", min = 1e-6, max = 50,
                  doc = "chance of a false abort, 1% unless said" },
        counts = { "symbol(bad|good)",
                   doc = "what the measured rate is a rate of; bad unless said" },
      },
      doc = "as compare judge=sequential: abort as soon as it is proved worse",
    },
    ["dry-run"] = { "bool", default = false, doc = "measure, decide nothing" },
    once = { "bool", default = false, doc = "only where a step asks for it" },
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
    run = { args = { { "command", "command", min = 1 } },
            fields = { timeout = { "duration" } }, doc = "run a command" },
    lua = { args = { { "text", "string", optional = true } },
            fields = { file = { "path" }, call = { "string" } },
            doc = "run Lua" },
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
        preview = { args = { { "command", "command", optional = true } },
                    doc = "make the new version reachable, without traffic" },
        switch = { args = {}, doc = "all traffic at once" },
        keep = { args = { { "for", "duration" } },
                 doc = "keep the old version ready this long" },
      },
      doc = "all traffic at once, the old version kept ready",
    },
    analyze = analysis,
    score = {
      fields = {
        pass = { "float", min = 0, max = 100, required = true,
                 doc = "at least this much is good" },
        marginal = { "float", min = 0, max = 100,
                     doc = "less is bad, between them is undecided; pass "
                           .. "unless said" },
        weights = { "map(float)", doc = "of the groups, of 100; the others "
                                        .. "share what is left" },
      },
      doc = "judge all comparisons with stable by their score of 100 together, "
            .. "not each alone",
    },
    within = { "duration", min = 1, default = "24h",
               doc = "abort a rollout that takes longer" },
    drift = { "symbol(abort|restore|hold)", default = "abort",
              doc = "what to do when somebody else moves the weight, or changes "
                    .. "the mirror or the header's route; also `on drift ...`" },
    crash = { "symbol(abort|resume)", default = "abort",
              doc = "what a new process does when the old one died; also `on crash ...`" },
    revert = { "bool", default = true,
               doc = "an abort reverts what this run committed" },
    version = { "string", doc = "refused once it was rolled back, until it "
                                .. "changes; unless said, what its commits "
                                .. "brought, or the digests of what was "
                                .. "built before it" },
    watch = { "duration", min = 1,
              doc = "between looks at the router's weight" },
    verify = { "duration", min = 1,
               doc = "a weight that was set has to show within this" },
  },
  outputs = {
    weight = { "percent", doc = "of the new version, at the end" },
    reason = { "string", doc = "why it was aborted" },
    result = { "string", doc = "promoted or aborted" },
    version = { "string", doc = "what is refused once it was rolled back, "
                                .. "where no commit says that" },
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
    return "preview" .. (s.command and " by " .. pipec.command(s.command) or "")
  elseif s.is == "switch" then
    return "switch all traffic"
  elseif s.is == "keep" then
    return "keep the old version " .. pipec.duration(s["for"])
  elseif s.is == "run" then
    return "run " .. pipec.command(s.command)
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
    lines[#lines + 1] = ("analyze %s %s, failures borne: %s"):format(
      tostring(a.name),
      a.every and "every " .. pipec.duration(a.every) or "once",
      tostring(a.failures or 0))
  end
  return lines
end

function kind.run(stage, ctx)
  return pipec.lib("rollout").drive(stage, ctx)
end

return kind
