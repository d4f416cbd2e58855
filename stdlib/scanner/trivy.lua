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

local function target(s)
  if s.image then return "image", s.image end
  if s.config then return "config", s.config end
  return "fs", s.fs or "."
end

function scanner.plan(s)
  local line = ("trivy %s %s"):format(target(s))

  if s.severity then
    line = line .. ", only " .. table.concat(s.severity, ", ")
  end
  return { line }
end

function scanner.scan(s, ctx)
  local what, where = target(s)
  local argv = { "trivy", what, "--quiet", "--format", "sarif" }
  if s.severity then
    argv[#argv + 1] = "--severity"
    argv[#argv + 1] = table.concat(s.severity, ","):upper()
  end
  if s["ignore-unfixed"] then argv[#argv + 1] = "--ignore-unfixed" end
  argv[#argv + 1] = where
  return pipec.lib("tool").scan("trivy", argv, ctx)
end

return scanner
