local scanner = pipec.scanner "gitleaks" {
  doc = "Gitleaks: secrets in the history.",
  args = { { "path", "path", optional = true, default = "." } },
  fields = {
    config = { "path", doc = "its configuration file" },
    ["fail-on"] = { "symbol(never|note|warning|error)" },
  },
  effects = { "exec" },
}

function scanner.scan(s, ctx)
  local file = ctx.temp("gitleaks.sarif")
  local argv = { "gitleaks", "detect", "--no-banner", "--redact", "--source",
                 s.path, "--report-format", "sarif", "--report-path", file,
                 ok = { 0, 1 }, quiet = true }
  if s.config then
    argv[#argv + 1] = "--config"
    argv[#argv + 1] = s.config
  end
  ctx.exec(argv)
  -- It gives no levels: a secret that leaked is always an error.
  local all = pipec.lib("sarif").read(ctx.fs.read(file), ctx)
  for _, f in ipairs(all) do f.level = "error" end
  return all
end

return scanner
