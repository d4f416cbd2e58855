-- SARIF 2.1.0: what every scanner can say its findings in.
local M = {}

local function rule_level(rules, result)
  local rule = rules[result.ruleId]
  if result.ruleIndex and rules.list[result.ruleIndex + 1] then
    rule = rules.list[result.ruleIndex + 1]
  end
  local config = rule and rule.defaultConfiguration
  return config and config.level or "warning"
end

local function index_rules(run)
  local list = run.tool and run.tool.driver and run.tool.driver.rules or {}
  local rules = { list = list }
  for _, r in ipairs(list) do if r.id then rules[r.id] = r end end
  return rules
end

local function finding(run, rules, result)
  local place = (((result.locations or {})[1] or {}).physicalLocation) or {}
  local region = place.region or {}
  local file = (place.artifactLocation or {}).uri
  return {
    tool = run.tool and run.tool.driver and run.tool.driver.name,
    rule = result.ruleId or "?", level = result.level or rule_level(rules, result),
    message = result.message and (result.message.text or result.message.markdown)
              or "",
    file = file and file:gsub("^file://", ""), line = region.startLine,
    col = region.startColumn,
  }
end

-- Findings of a SARIF document; suppressed and passed results are none.
function M.read(text, ctx)
  local ok, doc = pcall(ctx.json.decode, text)
  if not ok or type(doc) ~= "table" or type(doc.runs) ~= "table" then
    error("it is no SARIF document", 0)
  end
  local all = {}
  for _, run in ipairs(doc.runs) do
    local rules = index_rules(run)
    for _, result in ipairs(run.results or {}) do
      local kind = result.kind or "fail"
      if #(result.suppressions or {}) == 0 and (kind == "fail" or kind == "open")
      then
        all[#all + 1] = finding(run, rules, result)
      end
    end
  end
  return all
end

function M.write(findings, ctx)
  local by, order = {}, {}
  for _, f in ipairs(findings) do
    if not by[f.tool] then
      by[f.tool] = { tool = { driver = { name = f.tool } }, results = {} }
      order[#order + 1] = by[f.tool]
    end
    local results = by[f.tool].results
    results[#results + 1] = {
      ruleId = f.rule, level = f.level, message = { text = f.message },
      locations = f.file and { { physicalLocation = {
        artifactLocation = { uri = f.file },
        region = f.line and { startLine = f.line, startColumn = f.col } } } },
    }
  end
  return ctx.json.encode {
    ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
    version = "2.1.0", runs = ctx.json.array(order),
  } .. "\n"
end

return M
