-- The constructors that every catalogue file calls. Run by the build for
-- stdlib, and in a sandbox for users' files. Leaves the global 'pipec'; what
-- the files declared is in pipec.declared, in order.
--
--   local kind = pipec.kind "terraform" { doc = "…", args = { … }, … }
--   function kind.plan(stage) … end
--   function kind.run(stage, ctx) … end
--   return kind

local families = {
  kind = { "plan", "run" },
  router = { "plan", "set", "get", "check" },
  provider = { "plan", "measure" },
  scanner = { "plan", "scan" },
  report = { "plan", "read" },
}
local effects = { exec = 1, network = 1, registry = 1, ["git push"] = 1,
                  traffic = 1 }
local abilities = { header = 1, mirror = 1, fraction = 1, half = 1 }
local reserved = { id = 1, name = 1, kind = 1, key = 1, config = 1, error = 1,
                   vars = 1, commands = 1, needs = 1 }
local factor = { ms = 1, s = 1000, m = 60000, h = 3600000, d = 86400000 }
local bytes = { [""] = 1, B = 1, K = 1e3, KB = 1e3, M = 1e6, MB = 1e6, G = 1e9,
                GB = 1e9, Ki = 1 << 10, Mi = 1 << 20, Gi = 1 << 30 }

local function fail(text, ...) error(text:format(...), 0) end

local function check_keys(what, t, allowed)
  if type(t) ~= "table" then
    fail("%s: a table was expected, not a %s", what, type(t))
  end
  for k in pairs(t) do
    if not allowed[tostring(k)] then fail("%s: unknown key '%s'", what, tostring(k)) end
  end
end

local function set(words)
  local t = {}
  for w in words:gmatch("%S+") do t[w] = true end
  return t
end

-- "1h30m" in milliseconds.
local function duration(what, text)
  local total, rest = 0, text
  while rest ~= "" do
    local n, unit, more = rest:match("^(%d+%.?%d*)(%a+)(.*)$")
    if not n or not factor[unit] then
      fail("%s: '%s' is not a duration", what, text)
    end
    total, rest = total + n * factor[unit], more
  end
  return total // 1 | 0
end

local function size(what, text)
  local n, unit = text:match("^(%d+)(%a*)$")
  if not n or not bytes[unit] then fail("%s: '%s' is not a size", what, text) end
  return n * bytes[unit] // 1 | 0
end

-- Defaults of types with a unit are written as in the language: "10m", "1Mi".
local function default(what, kind, v)
  if v == nil then return nil end
  if kind == "duration" and type(v) == "string" then
    return { ["$duration"] = duration(what, v) }
  elseif kind == "percent" then
    return { ["$percent"] = v }
  elseif kind == "size" and type(v) == "string" then
    return { ["$size"] = size(what, v) }
  end
  return v
end

-- A bound as a config's number: "1s" is 1000. Of texts and lists, a length.
local function bound(what, kind, v)
  if type(v) == "string" and kind == "duration" then return duration(what, v) end
  if type(v) == "string" and kind == "size" then return size(what, v) end
  if v ~= nil and type(v) ~= "number" then fail("%s: a bound is no number", what) end
  return v
end

local body -- forward

local arg_keys = set "1 2 name type doc optional default rest min max"
local function arg(what, t)
  check_keys(what, t, arg_keys)
  local name, kind = t.name or t[1], t.type or t[2]
  if type(name) ~= "string" then fail("%s: an argument without a name", what) end
  what = ("%s, argument '%s'"):format(what, name)
  if type(kind) ~= "string" then fail("%s has no type", what) end
  return { name = name, type = kind, doc = t.doc, optional = t.optional,
           rest = t.rest, default = default(what, kind, t.default),
           min = bound(what, kind, t.min), max = bound(what, kind, t.max) }
end

local body_keys = set "args fields families sequence hook some one"
local field_keys = set [[1 type doc default required repeat deprecated family
  scope args fields families sequence hook effects needs min max some one]]

local function check_effects(what, list)
  for _, x in ipairs(list or {}) do
    if not effects[x] then fail("%s: unknown effect '%s'", what, x) end
  end
  return list and #list > 0 and list or nil
end

local function field(what, name, t)
  what = ("%s, field '%s'"):format(what, name)
  check_keys(what, t, field_keys)
  local out = { doc = t.doc, required = t.required, ["repeat"] = t["repeat"],
                deprecated = t.deprecated, family = t.family, scope = t.scope,
                type = t.type or t[1], effects = check_effects(what, t.effects),
                needs = t.needs }
  local structured = false
  for k in pairs(body_keys) do structured = structured or t[k] ~= nil end
  if structured and out.type then
    fail("%s has both a type and a body", what)
  elseif not structured and not out.type and not out.family and not out.scope
  then
    fail("%s has no type", what)
  end
  out.default = default(what, out.type, t.default)
  out.min, out.max = bound(what, out.type, t.min), bound(what, out.type, t.max)
  if structured then body(what, t, out) end
  return out
end

-- Every name has to be that of a field or a family of the body.
local function check_names(what, t, names)
  local known = {}
  for name in pairs(t.fields or {}) do known[name] = true end
  for _, name in ipairs(t.families or {}) do known[name] = true end
  for _, name in ipairs(names) do
    if not known[name] then fail("%s: there is no field '%s'", what, tostring(name)) end
  end
end

-- Groups of names of which some, or just one, has to be given.
local function choices(what, t, groups)
  for _, names in ipairs(groups or {}) do
    if type(names) ~= "table" then fail("%s: a list of lists was expected", what) end
    check_names(what, t, names)
  end
  return groups and #groups > 0 and groups or nil
end

-- args, fields, families, sequence, hook and choices of t, into out.
function body(what, t, out)
  if t.args and #t.args > 0 then
    out.args = {}
    for i, a in ipairs(t.args) do out.args[i] = arg(what, a) end
  end
  if t.fields and next(t.fields) then
    out.fields = {}
    for name, f in pairs(t.fields) do
      out.fields[name] = field(what, name, f)
      check_names(what, t, { f.needs })
    end
  end
  out.some, out.one = choices(what, t, t.some), choices(what, t, t.one)
  out.families = t.families and #t.families > 0 and t.families or nil
  out.sequence, out.hook = t.sequence, t.hook
end

-- What a router can, beside whole percents.
local function take_abilities(what, t, e)
  for _, x in ipairs(t.can or {}) do
    local name, field = x:match("^(%a+)=?(.*)$")
    if not abilities[name] then
      fail("%s: unknown ability '%s': header, mirror, fraction, half", what, x)
    elseif field ~= "" and not (t.fields or {})[field] then
      fail("%s: '%s' names no field", what, x)
    end
  end
  e.can = t.can and #t.can > 0 and t.can or nil
end

-- How to get into a server, the same for all that ask by HTTP: access = true.
local access = {
  header = { "map(secret(string))", doc = "HTTP headers" },
  token = { "secret(string)", doc = "bearer token" },
  username = { "string", doc = "for basic authentication" },
  password = { "secret(string)", doc = "its password" },
  ca = { "string", doc = "PEM, or a file: whom to trust for https" },
  cert = { "string", doc = "client certificate, PEM or a file" },
  key = { "secret(string)", doc = "its key, PEM or a file" },
}

local function take_access(what, t)
  if not t.access then return end
  t.fields = t.fields or {}
  for name, f in pairs(access) do
    if t.fields[name] then fail("%s: access brings the field '%s'", what, name) end
    t.fields[name] = f
  end
end

local entry_keys = set [[doc args fields families sequence hook outputs effects
  commands anonymous can some one access]]
local function entry(family, name, t)
  local what = ("%s '%s'"):format(family, name)
  check_keys(what, t, entry_keys)
  if type(t.doc) ~= "string" then fail("%s needs a doc = \"…\"", what) end
  take_access(what, t)
  local e = { family = family, name = name, doc = t.doc, commands = t.commands,
              anonymous = t.anonymous }
  body(what, t, e)
  for i, a in ipairs(e.args or {}) do
    if reserved[a.name] and family == "kind" then
      fail("%s: the argument '%s' hides the stage's own", what, a.name)
    end
    if a.rest and i < #e.args then
      fail("%s: only the last argument can take the rest", what)
    end
  end
  for f in pairs(e.fields or {}) do
    if reserved[f] and family == "kind" then
      fail("%s: the field '%s' hides the stage's own", what, f)
    end
  end
  if t.outputs and next(t.outputs) then
    e.outputs = {}
    for k, o in pairs(t.outputs) do
      e.outputs[k] = type(o) == "string" and { type = o }
                     or { type = o.type or o[1], doc = o.doc }
    end
  end
  e.effects = check_effects(what, t.effects)
  take_abilities(what, t, e)
  return e
end

pipec = { declared = {} }
for family in pairs(families) do
  pipec[family] = function(name)
    if type(name) ~= "string" or not name:match("^[%a_][%w_-]*$") then
      error(("pipec.%s takes a name first"):format(family), 2)
    end
    return function(t)
      local ok, schema = pcall(entry, family, name, t)
      if not ok then error(schema, 2) end
      local module = { schema = schema }
      pipec.declared[#pipec.declared + 1] = module
      return module
    end
  end
end

-- The schemas of all that was declared, once its functions are there too.
function pipec.schemas(source)
  local list = {}
  for i, module in ipairs(pipec.declared) do
    local s = module.schema
    local known = {}
    for _, f in ipairs(families[s.family]) do known[f] = true end
    for k, v in pairs(module) do
      if type(v) == "function" and not known[k] then
        fail("%s '%s' has a function '%s', which nobody calls: it may have %s",
             s.family, s.name, k, table.concat(families[s.family], ", "))
      end
    end
    s.runs = (module.run or module.set or module.measure or module.scan
              or module.read) and true or nil
    s.plans = module.plan and true or nil
    if not s.runs and not s.commands then
      fail("%s '%s' does nothing: it has no function '%s'", s.family, s.name,
           families[s.family][2])
    end
    s.source = source
    list[i] = s
  end
  return list
end

function pipec.find(family, name)
  for _, module in ipairs(pipec.declared) do
    local s = module.schema
    if s.family == family and s.name == name then return module end
  end
end

-- What plan texts and messages are written with. --------------------------

-- 90000 as "1m30s".
function pipec.duration(ms)
  if type(ms) ~= "number" then return tostring(ms) end
  local out = {}
  for _, u in ipairs { { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 },
                       { "s", 1000 }, { "ms", 1 } } do
    local n = ms // u[2]
    if n > 0 then
      out[#out + 1] = ("%d%s"):format(n, u[1])
      ms = ms - n * u[2]
    end
  end
  return #out > 0 and table.concat(out) or "0s"
end

-- 10.0 as "10%", 99.5 as "99.5%".
function pipec.percent(n)
  return type(n) == "number" and ("%.10g%%"):format(n) or tostring(n)
end

-- One word for sh: bare where safe, else in single quotes.
function pipec.quote(word)
  word = tostring(word)
  if word:match("^[%w%%+,./:=@_-]+$") then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- A command as one reads it: text as it is, a list as words.
function pipec.command(c)
  if type(c) ~= "table" then return tostring(c) end
  local words = {}
  for i, w in ipairs(c) do words[i] = pipec.quote(w) end
  return table.concat(words, " ")
end

-- The keys of a table, sorted.
function pipec.keys(t)
  local keys = {}
  for k in pairs(t or {}) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

-- "1 test", "2 tests".
function pipec.count(n, word)
  return ("%d %s%s"):format(n, word, n == 1 and "" or "s")
end

-- The plan's lines for an item of a kind's config, such as a scanner.
function pipec.plan(family, item)
  local module = pipec.load(family, item.is)
  local lines = module.plan and module.plan(item)
  if type(lines) == "string" then return { lines } end
  return lines or { item.is }
end
