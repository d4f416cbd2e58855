local report = pipec.report "junit" {
  doc = "JUnit XML, as nearly every test runner writes it.",
  args = { { "path", "path", doc = "file or glob" } },
}

local failing = { failure = "failed", error = "failed" }
local flaky = { flakyFailure = true, flakyError = true }

-- One file: cases in order of appearance.
local function read(path, ctx, cases)
  local suites, case, note = {}, nil, nil
  ctx.xml.read(path, {
    open = function(name, attr)
      if name == "testsuite" then
        suites[#suites + 1] = attr.name or ""
      elseif name == "testcase" then
        case = { suite = attr.classname or suites[#suites] or "",
                 name = attr.name or "?", result = "passed", file = attr.file,
                 seconds = tonumber(((attr.time or "0"):gsub(",", ""))) or 0 }
      elseif case and failing[name] then
        case.result, note = "failed", name
        case.message = attr.message
      elseif case and flaky[name] then
        case.flaky, case.message, note = true, attr.message, name
      elseif case and name == "skipped" then
        case.result, case.message = "skipped", attr.message
      end
    end,
    close = function(name, text)
      if name == "testsuite" then
        suites[#suites] = nil
      elseif name == "testcase" then
        cases[#cases + 1], case, note = case, nil, nil
      elseif case and name == note then
        local first = text:match("%S[^\n]*")
        case.message = case.message or first
        case.detail = text:sub(1, 4000)
        note = nil
      end
    end,
  })
end

function report.read(r, ctx)
  local paths = ctx.fs.glob(r.path)
  if #paths == 0 then ctx.fail("there is no report '%s'", r.path) end
  local cases = {}
  for _, path in ipairs(paths) do read(path, ctx, cases) end
  return { cases = cases }
end

return report
