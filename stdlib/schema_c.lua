-- Build tool: a schema (docs/internals/schema.md) as constant C data, so that a
-- start parses and allocates nothing for the kinds of stdlib.
--   local schema_c = dofile "stdlib/schema_c.lua"
--   local name = schema_c.entry(out, "kind_run", schema)   -- struct schema_entry
local schema_c = {}

local function c_string(s)
  return '"' .. s:gsub('[%c"\\\x7f-\xff?]', function(c)
    return ("\\%03o"):format(c:byte())
  end) .. '"'
end

local function str(s)
  return ("{%s, %d}"):format(c_string(s), #s)
end

-- One writer a file: numbers its arrays, and shares equal types.
local writer = {}
writer.__index = writer

function writer:fresh(what)
  self.n = self.n + 1
  return ("%s_%s%d"):format(self.prefix, what, self.n)
end

function writer:line(text, ...) self.out:write(text:format(...), "\n") end

local simple = {
  any = "ANY", none = "NONE", bool = "BOOL", int = "INT", float = "FLOAT",
  string = "STRING", path = "PATH", duration = "DURATION", percent = "PERCENT",
  size = "SIZE", symbol = "SYMBOL", command = "COMMAND", stage = "STAGE",
}
local wrapped = { list = "LIST", map = "MAP", secret = "SECRET" }

function writer:type(text)
  if self.types[text] then return self.types[text] end
  local head, inner = text:match "^(%w+)%((.*)%)$"
  local fields
  if simple[text] then
    fields = ".kind = TYPE_" .. simple[text]
  elseif head == "symbol" then
    local words = {}
    for w in inner:gmatch "[^|]+" do words[#words + 1] = str(w) end
    local names = self:fresh "symbols"
    self:line("static const struct str %s[] = {%s};", names,
              table.concat(words, ", "))
    fields = (".kind = TYPE_SYMBOL, .symbols = %s, .n = %d"):format(names, #words)
  elseif wrapped[head] then
    fields = (".kind = TYPE_%s, .of = &%s"):format(wrapped[head], self:type(inner))
  else
    error("'" .. text .. "' is not a type")
  end
  local name = self:fresh "type"
  self:line("static const struct type %s = {%s};", name, fields)
  self.types[text] = name
  return name
end

function writer:value(v)
  local name = self:fresh "value"
  local text
  if type(v) == "boolean" then
    text = (".kind = VALUE_BOOL, .b = %s"):format(v)
  elseif math.type(v) == "integer" then
    text = (".kind = VALUE_INT, .i = %d"):format(v)
  elseif type(v) == "number" then
    text = (".kind = VALUE_FLOAT, .d = %.17g"):format(v)
  elseif type(v) == "string" then
    text = ".kind = VALUE_STRING, .s = " .. str(v)
  elseif v["$duration"] then
    text = (".kind = VALUE_DURATION, .i = %d"):format(v["$duration"])
  elseif v["$size"] then
    text = (".kind = VALUE_SIZE, .i = %d"):format(v["$size"])
  elseif v["$percent"] then
    text = (".kind = VALUE_PERCENT, .d = %.17g"):format(v["$percent"])
  elseif next(v) == nil then
    text = ".kind = VALUE_LIST"
  else
    error "a default of this type cannot be embedded"
  end
  self:line("static const struct value %s = {%s};", name, text)
  return name
end

function writer:strings(list)
  local parts, name = {}, self:fresh "strings"
  for i, s in ipairs(list) do parts[i] = str(s) end
  self:line("static struct str %s[] = {%s};", name, table.concat(parts, ", "))
  return name, #list
end

function writer:range(t)
  if not t.min and not t.max then return "NULL" end
  local name = self:fresh "range"
  self:line("static const struct schema_range %s = {%s, %s};", name,
            t.min and ("%.17g"):format(t.min) or "-INFINITY",
            t.max and ("%.17g"):format(t.max) or "INFINITY")
  return "&" .. name
end

function writer:args(list)
  if not list or #list == 0 then return end
  local rows, name = {}, self:fresh "args"
  for i, a in ipairs(list) do
    local dflt = a.default ~= nil and ".dflt = &" .. self:value(a.default) or ".dflt = NULL"
    rows[i] = ("    {.name = %s, .type = &%s, .range = %s, .doc = %s, .optional = %s, .rest = %s, %s},")
      :format(str(a.name), self:type(a.type or "any"), self:range(a), str(a.doc or ""),
              (a.optional or a.default ~= nil) and "true" or "false",
              a.rest and "true" or "false", dflt)
  end
  self:line("static struct schema_arg %s[] = {\n%s\n};", name, table.concat(rows, "\n"))
  return name, #list
end

function writer:fields(map)
  if not map or not next(map) then return end
  local names, rows, array = {}, {}, self:fresh "fields"
  for k in pairs(map) do names[#names + 1] = k end
  table.sort(names)
  for i, k in ipairs(names) do
    local f = map[k]
    local parts = { ".name = " .. str(k), ".doc = " .. str(f.doc or "") }
    local function add(...) parts[#parts + 1] = string.format(...) end
    if f["repeat"] then add ".repeat = true" end
    if f.required then add ".required = true" end
    if f.deprecated then add ".deprecated = true" end
    if f.needs then add(".needs = %s", str(f.needs)) end
    if f.type then add(".type = &%s", self:type(f.type)) end
    if f.min or f.max then add(".range = %s", self:range(f)) end
    if f.default ~= nil then add(".dflt = &%s", self:value(f.default)) end
    if f.family then add(".family = %s", str(f.family)) end
    if f.scope then add(".scope = %s, .n_scope = %d", self:strings(f.scope)) end
    if f.effects then
      add(".effects = %s, .n_effects = %d", self:strings(f.effects))
    end
    local body = self:body(f)
    if body ~= "" then add(".body = {%s}", body) end
    rows[i] = "    {" .. table.concat(parts, ", ") .. "},"
  end
  self:line("static struct schema_field %s[] = {\n%s\n};", array, table.concat(rows, "\n"))
  return array, #names
end

-- Groups of which some, or just one, has to be given.
function writer:choices(some, one)
  local rows = {}
  local function add(list, flag)
    for _, names in ipairs(list or {}) do
      rows[#rows + 1] = ("    {%s, %d, %s},"):format(self:strings(names), #names, flag)
    end
  end
  add(some, "false")
  add(one, "true")
  if #rows == 0 then return end
  local array = self:fresh "choices"
  self:line("static struct schema_choice %s[] = {\n%s\n};", array, table.concat(rows, "\n"))
  return array, #rows
end

function writer:body(t)
  local parts = {}
  local choices, n_choices = self:choices(t.some, t.one)
  if choices then
    parts[#parts + 1] = (".choices = %s, .n_choices = %d"):format(choices, n_choices)
  end
  local args, n_args = self:args(t.args)
  local fields, n_fields = self:fields(t.fields)
  if args then parts[#parts + 1] = (".args = %s, .n_args = %d"):format(args, n_args) end
  if fields then parts[#parts + 1] = (".fields = %s, .n_fields = %d"):format(fields, n_fields) end
  if t.families and #t.families > 0 then
    parts[#parts + 1] = (".families = %s, .n_families = %d"):format(self:strings(t.families))
  end
  if t.sequence then parts[#parts + 1] = ".sequence = true" end
  if t.hook then parts[#parts + 1] = ".hook = true" end
  return table.concat(parts, ", ")
end

function writer:outputs(map)
  if not map or not next(map) then return end
  local names, rows, array = {}, {}, self:fresh "outputs"
  for k in pairs(map) do names[#names + 1] = k end
  table.sort(names)
  for i, k in ipairs(names) do
    rows[i] = ("    {%s, &%s, %s},"):format(str(k), self:type(map[k].type or "any"),
                                            str(map[k].doc or ""))
  end
  self:line("static struct schema_output %s[] = {\n%s\n};", array, table.concat(rows, "\n"))
  return array, #names
end

-- Writes the entry's data to the file out; returns the name of its
-- `static const struct schema_entry`.
function schema_c.entry(out, prefix, s)
  local w = setmetatable({ out = out, prefix = prefix, n = 0, types = {} }, writer)
  local parts = { ".family = " .. str(s.family), ".name = " .. str(s.name),
                  ".doc = " .. str(s.doc or ""), ".source = " .. str(s.source or ""),
                  ".commands = " .. str(s.commands or "") }
  local body = w:body(s)
  if body ~= "" then parts[#parts + 1] = (".body = {%s}"):format(body) end
  local outputs, n = w:outputs(s.outputs)
  if outputs then parts[#parts + 1] = (".outputs = %s, .n_outputs = %d"):format(outputs, n) end
  if s.effects and #s.effects > 0 then
    parts[#parts + 1] = (".effects = %s, .n_effects = %d"):format(w:strings(s.effects))
  end
  if s.can and #s.can > 0 then
    parts[#parts + 1] = (".can = %s, .n_can = %d"):format(w:strings(s.can))
  end
  for _, flag in ipairs { "runs", "plans", "anonymous" } do
    if s[flag] then parts[#parts + 1] = (".%s = true"):format(flag) end
  end
  w:line("static const struct schema_entry %s = {\n    %s,\n};", prefix,
         table.concat(parts, ",\n    "))
  return prefix
end

return schema_c
