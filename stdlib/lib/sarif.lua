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

-- A document's URI as a path from here, where it is below.
local function path_of(uri, root)
  local path = uri:gsub("^file://[^/]*", ""):gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end)
  if root and path:sub(1, #root + 1) == root .. "/" then
    return path:sub(#root + 2)
  end
  return path
end

local function uri_of(path)
  return (path:gsub("[^%w%-._~/]", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

-- Lines and columns are counted from 1.
local function place_of(n)
  n = math.tointeger(tonumber(n))
  return n and n >= 1 and n or nil
end

local function finding(tool, rules, result, root)
  local place = (((result.locations or {})[1] or {}).physicalLocation) or {}
  local region = place.region or {}
  local file = (place.artifactLocation or {}).uri
  return {
    tool = tool, rule = result.ruleId or "?", level = result.level or rule_level(rules, result),
    message = result.message and (result.message.text or result.message.markdown)
              or "",
    file = file and path_of(file, root), line = place_of(region.startLine),
    col = place_of(region.startColumn),
  }
end

-- Findings of a SARIF document, and the tools that looked; suppressed and
-- passed results are none.
function M.read(text, ctx)
  local ok, doc = pcall(ctx.json.decode, text)
  if not ok or type(doc) ~= "table" or type(doc.runs) ~= "table" then
    error("it is no SARIF document", 0)
  end
  local all, root = { tools = {} }, ctx.fs.real(".")
  for _, run in ipairs(doc.runs) do
    local tool = run.tool and run.tool.driver and run.tool.driver.name
    all.tools[#all.tools + 1] = tool
    local rules = index_rules(run)
    for _, result in ipairs(run.results or {}) do
      local kind = result.kind or "fail"
      if #(result.suppressions or {}) == 0 and (kind == "fail" or kind == "open")
      then
        all[#all + 1] = finding(tool, rules, result, root)
      end
    end
  end
  return all
end

-- The rules that a tool's results name, each once.
local function rules_of(findings, tool, ctx)
  local seen, list = {}, {}
  for _, f in ipairs(findings) do
    if f.tool == tool and f.rule and not seen[f.rule] then
      seen[f.rule], list[#list + 1] = true, { id = f.rule }
    end
  end
  return ctx.json.array(list)
end

local function result_of(f)
  return {
    ruleId = f.rule, level = f.level, message = { text = f.message or "" },
    locations = f.file and { { physicalLocation = {
      artifactLocation = { uri = uri_of(f.file) },
      region = f.line and { startLine = f.line, startColumn = f.col } } } },
  }
end

-- One run per tool, also of those that found nothing: a service that shows
-- findings then knows that the old ones are gone.
function M.write(findings, ctx)
  local by, order = {}, {}
  local function run_of(tool)
    if not by[tool] then
      by[tool] = { tool = { driver = { name = tool,
                                       rules = rules_of(findings, tool, ctx) } },
                   columnKind = "unicodeCodePoints", results = ctx.json.array {} }
      order[#order + 1] = by[tool]
    end
    return by[tool]
  end
  for _, tool in ipairs(findings.tools or {}) do run_of(tool) end
  for _, f in ipairs(findings) do
    local results = run_of(f.tool).results
    results[#results + 1] = result_of(f)
  end
  return ctx.json.encode {
    ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
    version = "2.1.0", runs = ctx.json.array(order),
  } .. "\n"
end

return M
