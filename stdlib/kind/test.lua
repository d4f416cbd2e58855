local kind = pipec.kind "test" {
  doc = "Runs tests and reads what they report: failed and flaky cases are "
        .. "named, coverage has a floor.",
  fields = {
    run = { "command", min = 1, ["repeat"] = true,
            doc = "what to run: a text is `sh -eu`'s, a list starts no shell" },
    flaky = { "symbol(pass|fail)", default = "pass",
              doc = "what a case that failed, then passed, counts as" },
    empty = { "symbol(pass|fail)", default = "fail",
              doc = "what a report without a single case counts as" },
  },
  families = { "report" }, some = { { "run", "report" } },
  outputs = {
    tests = { "int", doc = "cases that ran" },
    passed = "int", failed = "int", skipped = "int",
    flaky = { "int", doc = "cases that failed first and then passed" },
    coverage = { "percent", doc = "covered lines, where a report says so" },
  },
  commands = "run",
}

function kind.plan(stage)
  local lines = {}
  for _, c in ipairs(stage.run or {}) do lines[#lines + 1] = pipec.command(c) end
  for _, r in ipairs(stage.report or {}) do
    local line = ("read %s %s"):format(r.is, tostring(r.path))
    if r.min then line = line .. ", at least " .. pipec.percent(r.min) end
    lines[#lines + 1] = line
  end
  return lines
end

-- Same case twice: failed and then passed is flaky, the last one counts.
local function merge(cases)
  local by, order = {}, {}
  for _, c in ipairs(cases) do
    local key = c.suite .. "\0" .. c.name
    local old = by[key]
    if not old then
      by[key], order[#order + 1] = c, c
    else
      local failed = old.result == "failed" or c.result == "failed"
      if failed and (old.result == "passed" or c.result == "passed") then
        old.flaky, old.result = true, "passed"
      elseif failed then
        old.result, old.message = "failed", c.message or old.message
      end
    end
  end
  return order
end

local function tell(ctx, cases, total)
  for _, c in ipairs(cases) do
    total.tests = total.tests + 1
    total.seconds = total.seconds + (c.seconds or 0)
    local what = c.flaky and "flaky" or c.result
    total[what] = total[what] + 1
    if c.flaky then total.passed = total.passed + 1 end
    if what == "failed" or what == "flaky" then
      ctx.event("test.case", c)
    end
  end
end

local function read_reports(stage, ctx)
  local cases, coverage, problems = {}, nil, {}
  for _, r in ipairs(stage.report or {}) do
    local ok, got = pcall(ctx.use("report", r.is).read, r, ctx)
    if not ok then
      problems[#problems + 1] = got
    else
      for _, c in ipairs(got.cases or {}) do cases[#cases + 1] = c end
      for _, p in ipairs(got.problems or {}) do problems[#problems + 1] = p end
      coverage = got.coverage or coverage
      if got.cases and #got.cases == 0 and stage.empty == "fail" then
        problems[#problems + 1] = ("'%s' holds no test case"):format(r.path)
      end
    end
  end
  return cases, coverage, problems
end

function kind.run(stage, ctx)
  local broken = ctx.commands()
  local cases, coverage, problems = read_reports(stage, ctx)
  local total = { tests = 0, passed = 0, failed = 0, skipped = 0, flaky = 0,
                  seconds = 0 }
  tell(ctx, merge(cases), total)
  total.coverage = coverage
  if stage.report then
    ctx.event("test.summary", total)
  end
  for _, name in ipairs { "tests", "passed", "failed", "skipped", "flaky" } do
    ctx.output(name, total[name])
  end
  if coverage then ctx.output("coverage", coverage) end
  if total.failed > 0 then
    ctx.fail("%s failed", pipec.count(total.failed, "test"))
  elseif broken then
    ctx.fail("%s", broken.why)
  elseif problems[1] then
    ctx.fail("%s", problems[1])
  elseif total.flaky > 0 and stage.flaky == "fail" then
    ctx.fail("%s flaky", pipec.count(total.flaky, "test"))
  end
end

return kind
