local scanner = pipec.scanner "bandit" {
  doc = "Bandit: weak Python code.",
  args = { { "path", "path", optional = true, default = "." } },
  fields = {
    exclude = { "list(string)", doc = "folders to leave out" },
    skip = { "list(string)", doc = "tests to leave out, such as B101" },
    ["fail-on"] = { "symbol(never|note|warning|error)" },
  },
  effects = { "exec" },
}

function scanner.plan(s)
  return { "bandit -r " .. tostring(s.path) }
end

local level = { HIGH = "error", MEDIUM = "warning", LOW = "note" }

function scanner.scan(s, ctx)
  local argv = { "bandit", "-q", "-r", s.path, "-f", "json" }
  if s.exclude then
    argv[#argv + 1] = "-x"
    argv[#argv + 1] = table.concat(s.exclude, ",")
  end
  if s.skip then
    argv[#argv + 1] = "-s"
    argv[#argv + 1] = table.concat(s.skip, ",")
  end
  argv.ok, argv.quiet = "any", true
  local r = ctx.exec(argv)
  local ok, doc = pcall(ctx.json.decode, r.out)
  if not ok then ctx.fail("bandit exited with %s: %s", tostring(r.code),
                          r.err:sub(-300)) end
  local all = {}
  for i, x in ipairs(doc.results or {}) do
    all[i] = { rule = x.test_id, level = level[x.issue_severity] or "note",
               message = x.issue_text, file = x.filename, line = x.line_number }
  end
  return all
end

return scanner
