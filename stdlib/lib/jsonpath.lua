-- Paths into decoded JSON: data.items[0]["odd name"], and the JSONPath dialect
-- of kubectl ("JSONPath Support" of its documentation), with '$' or braces
-- around it or not:
--
--   .name ['name'] ['a','b'] [0] [-1] [0,2] [1:4] [1:] [::2] [*] .* ..name
--   [?(@.n == "x")] with == != < <= > >=, or @.n alone: it is there
local M = {}

local STEPS_MAX = 200      -- of one path
local VISITS_MAX = 1000000 -- of one search

local function is_list(t) return type(t) == "table" and (#t > 0 or next(t) == nil) end

local function sorted(t)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

-- ---- reading a path ---------------------------------------------------------

local parse -- forward

local function refuse(path, rest)
  error(("path '%s' cannot be read at '%s'"):format(path, rest), 0)
end

-- A quoted text at the start: the text, and what follows.
local function quoted(rest)
  local q = rest:sub(1, 1)
  if q ~= '"' and q ~= "'" then return nil end
  local out, at = {}, 2
  while at <= #rest do
    local c = rest:sub(at, at)
    if c == q then return table.concat(out), rest:sub(at + 1) end
    if c == "\\" then at = at + 1; c = rest:sub(at, at) end
    out[#out + 1] = c
    at = at + 1
  end
end

local function trimmed(s) return (s:gsub("^%s+", "")) end

-- One side of a comparison: a literal, or a path from @ or $.
local function operand(path, rest)
  rest = trimmed(rest)
  local text, more = quoted(rest)
  if text then return { is = "literal", value = text }, more end
  local number
  number, more = rest:match("^(%-?%d+%.?%d*[eE]?[+-]?%d*)(.*)$")
  if number and tonumber(number) then
    return { is = "literal", value = tonumber(number) }, more
  end
  for word, value in pairs { ["true"] = true, ["false"] = false } do
    if rest:match("^" .. word .. "%f[^%w]") then
      return { is = "literal", value = value }, rest:sub(#word + 1)
    end
  end
  local root = rest:match("^[@$]")
  if not root then refuse(path, rest) end
  local steps
  steps, more = parse(path, rest:sub(2), true)
  return { is = root, steps = steps }, more
end

local operators = { "==", "!=", "<=", ">=", "<", ">" }

local function filter(path, rest)
  local left, more = operand(path, rest)
  more = trimmed(more)
  local step = { is = "filter", left = left }
  for _, op in ipairs(operators) do
    if more:sub(1, #op) == op then
      step.op = op
      step.right, more = operand(path, more:sub(#op + 1))
      break
    end
  end
  more = trimmed(more):match("^%)%s*%](.*)$")
  if not more then refuse(path, rest) end
  return step, more
end

-- 'a','b' or 0,2 or a mixture of indices and slices.
local function union(path, inside)
  local step, rest = { is = "union" }, trimmed(inside)
  repeat
    local text, more = quoted(rest)
    if text then
      step[#step + 1] = { key = text }
    else
      local from, to, by
      from, to, by, more = rest:match("^(%-?%d*)%s*:%s*(%-?%d*)%s*:?(%-?%d*)(.*)$")
      if from then
        step[#step + 1] = { slice = true, from = tonumber(from),
                            to = tonumber(to), by = tonumber(by) }
      else
        from, more = rest:match("^(%-?%d+)(.*)$")
        if not from then refuse(path, inside) end
        step[#step + 1] = { index = tonumber(from) }
      end
    end
    more = trimmed(more)
    rest = more:match("^,%s*(.*)$")
    if not rest and more ~= "" then refuse(path, more) end
  until not rest
  return step
end

-- What stands in brackets at the start of rest, quotes minded.
local function bracket(path, rest)
  local body, at = rest:sub(2), 1
  if body:match("^%s*%*%s*%]") then
    return { is = "all" }, body:match("^%s*%*%s*%](.*)$")
  end
  local inner = body:match("^%s*%?%s*%((.*)$")
  if inner then return filter(path, inner) end
  while at <= #body do
    local c = body:sub(at, at)
    if c == "]" then return union(path, body:sub(1, at - 1)), body:sub(at + 1) end
    if c == '"' or c == "'" then
      local text, more = quoted(body:sub(at))
      if not text then break end
      at = #body - #more
    end
    at = at + 1
  end
  refuse(path, rest)
end

-- The steps of a path, and inside a filter what follows it.
function parse(path, rest, inside)
  local steps = {}
  while rest ~= "" and #steps < STEPS_MAX do
    local step, more
    if rest:sub(1, 1) == "[" then
      step, more = bracket(path, rest)
    elseif rest:match("^%.%.") then
      step, more = { is = "deep" }, rest:sub(3)
      if more:match("^[^%[%.]") then more = "." .. more end
      if more == "" then refuse(path, rest) end
    elseif rest:match("^%.?%*") then
      step, more = { is = "all" }, rest:match("^%.?%*(.*)$")
    else
      local key
      key, more = rest:match("^%.?([%w_/-]+)(.*)$")
      if not key then key, more = rest:match("^%.([^%.%[%]%s()=<>!,'\"{}]+)(.*)$") end
      if not key then break end
      -- kubectl's way to a name with dots: .metadata.annotations.a\.b
      while more:match("^\\.") do
        local next_part, after = more:match("^\\(%.[%w_/-]*)(.*)$")
        if not next_part then refuse(path, more) end
        key, more = key .. next_part, after
      end
      step = { is = "union", { key = key } }
    end
    steps[#steps + 1], rest = step, more
  end
  if rest ~= "" and not inside then refuse(path, rest) end
  return steps, rest
end

-- ---- following it -------------------------------------------------------------

-- A place in the document: its value, and how one came there.
local function place(v, key, up) return { v = v, key = key, up = up } end

local run -- forward

local function children(at)
  local out, v = {}, at.v
  if type(v) ~= "table" then return out end
  for _, k in ipairs(is_list(v) and {} or sorted(v)) do
    out[#out + 1] = place(v[k], k, at)
  end
  for i, x in ipairs(is_list(v) and v or {}) do out[i] = place(x, i, at) end
  return out
end

local function slice(at, s, out)
  local n, by = #at.v, s.by or 1
  local from, to = s.from or 0, s.to or n
  if by < 1 then error("a slice goes forward, by 1 or more", 0) end
  if from < 0 then from = math.max(0, n + from) end
  if to < 0 then to = n + to end
  for i = from, math.min(to, n) - 1, by do
    out[#out + 1] = place(at.v[i + 1], i + 1, at)
  end
end

local function member(at, key, out)
  if at.v[key] ~= nil then out[#out + 1] = place(at.v[key], key, at) end
end

local function pick(at, choices, out)
  if type(at.v) ~= "table" then return end
  local list = is_list(at.v)
  for _, c in ipairs(choices) do
    if c.key then
      if not list then member(at, c.key, out) end
    elseif list and c.slice then
      slice(at, c, out)
    elseif list then
      member(at, c.index < 0 and #at.v + 1 + c.index or c.index + 1, out)
    end
  end
end

local function spend(budget)
  budget.left = budget.left - 1
  if budget.left < 0 then error("the path visits too much of the document", 0) end
end

local function deep(at, out, budget)
  spend(budget)
  out[#out + 1] = at
  for _, x in ipairs(children(at)) do
    if type(x.v) == "table" then deep(x, out, budget) end
  end
end

local function compare(op, a, b)
  if op == "==" then return a == b elseif op == "!=" then return a ~= b end
  if type(a) ~= type(b) or (type(a) ~= "number" and type(a) ~= "string") then
    return false
  end
  if op == "<" then return a < b elseif op == "<=" then return a <= b
  elseif op == ">" then return a > b end
  return a >= b
end

local function side(o, root, at, budget)
  if o.is == "literal" then return o.value end
  local found = run(o.steps, root, o.is == "$" and root or at, budget)[1]
  return found and found.v
end

local function fits(step, root, at, budget)
  local a = side(step.left, root, at, budget)
  if not step.op then return a ~= nil end
  return compare(step.op, a, side(step.right, root, at, budget))
end

local function take(step, root, at, out, budget)
  spend(budget)
  if step.is == "union" then return pick(at, step, out) end
  if step.is == "deep" then return deep(at, out, budget) end
  for _, x in ipairs(children(at)) do
    spend(budget)
    if step.is == "all" or fits(step, root, x, budget) then out[#out + 1] = x end
  end
end

function run(steps, root, start, budget)
  local now = { start }
  for _, step in ipairs(steps) do
    local out = {}
    for _, at in ipairs(now) do take(step, root, at, out, budget) end
    now = out
  end
  return now
end

local function places(value, path)
  local rest = path:match("^%s*(.-)%s*$"):gsub("^{(.*)}$", "%1")
  rest = rest:match("^%s*(.-)%s*$"):gsub("^[$@]", "")
  if rest == "." then rest = "" end
  local root = place(value)
  return run(parse(path, rest), root, root, { left = VISITS_MAX })
end

-- All values that the path leads to.
function M.all(value, path)
  local out = {}
  for i, at in ipairs(places(value, path)) do out[i] = at.v end
  return out
end

-- The first of them; it is an error where there is none.
function M.get(value, path)
  local first = places(value, path)[1]
  if not first then error(("path '%s' leads nowhere"):format(path), 0) end
  return first.v
end

-- The one value that the path leads to, and the keys and indices (from 1) that
-- lead there.
function M.one(value, path)
  local found = places(value, path)
  if #found ~= 1 then
    error(("path '%s' leads %s"):format(path, #found == 0 and "nowhere"
          or "to " .. #found .. " places"), 0)
  end
  local keys, at = {}, found[1]
  while at.up do
    table.insert(keys, 1, at.key)
    at = at.up
  end
  return found[1].v, keys
end

return M
