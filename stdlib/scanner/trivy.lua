local scanner = pipec.scanner "trivy" {
  doc = "Trivy: known weaknesses in dependencies, images and configuration.",
  fields = {
    fs = { "path", doc = "scan a folder" },
    image = { "string", doc = "scan an image" },
    config = { "path", doc = "scan configuration files in a folder" },
    severity = { "list(symbol(unknown|low|medium|high|critical))",
                 doc = "only these" },
    ["ignore-unfixed"] = { "bool", default = false,
                           doc = "leave out what has no fix yet" },
    ["fail-on"] = { "symbol(never|note|warning|error)" },
  },
  effects = { "exec", "network" },
}

local function targets(s)
  local list = {}
  for _, what in ipairs { "fs", "image", "config" } do
    if s[what] then list[#list + 1] = { what, s[what] } end
  end
  return #list > 0 and list or { { "fs", "." } }
end

function scanner.plan(s)
  local lines = {}
  for i, t in ipairs(targets(s)) do
    lines[i] = ("trivy %s %s"):format(t[1], tostring(t[2]))
    if s.severity then
      lines[i] = lines[i] .. ", only " .. table.concat(s.severity, ", ")
    end
  end
  return lines
end

function scanner.scan(s, ctx)
  local all = {}
  for _, t in ipairs(targets(s)) do
    local argv = { "trivy", t[1], "--quiet", "--format", "sarif" }
    if s.severity then
      argv[#argv + 1] = "--severity"
      argv[#argv + 1] = table.concat(s.severity, ","):upper()
    end
    if s["ignore-unfixed"] then argv[#argv + 1] = "--ignore-unfixed" end
    argv[#argv + 1] = t[2]
    for _, f in ipairs(pipec.lib("tool").scan("trivy", argv, ctx)) do
      all[#all + 1] = f
    end
  end
  return all
end

return scanner
