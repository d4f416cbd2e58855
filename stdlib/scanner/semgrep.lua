local scanner = pipec.scanner "semgrep" {
  doc = "Semgrep: patterns of weak code.",
  args = { { "path", "path", optional = true, default = "." } },
  fields = {
    config = { "list(string)", doc = "rule sets, such as p/security-audit" },
    exclude = { "list(string)", doc = "files to leave out" },
    ["fail-on"] = { "symbol(never|note|warning|error)" },
  },
  effects = { "exec", "network" },
}

function scanner.plan(s)
  return { ("semgrep %s in %s"):format(table.concat(s.config or { "auto" }, ", "),
            tostring(s.path)) }
end

function scanner.scan(s, ctx)
  local argv = { "semgrep", "scan", "--sarif", "--quiet" }
  -- It chooses rules by itself only where it may tell what for.
  if s.config then argv[#argv + 1] = "--metrics=off" end
  local tool = pipec.lib("tool")
  tool.each(argv, "--config", s.config or { "auto" })
  tool.each(argv, "--exclude", s.exclude)
  argv[#argv + 1] = s.path
  return tool.scan("semgrep", argv, ctx)
end

return scanner
