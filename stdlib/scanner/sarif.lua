local scanner = pipec.scanner "sarif" {
  doc = "Findings that any tool wrote as SARIF.",
  args = { { "file", "path", doc = "the SARIF file" } },
  fields = {
    from = { "command", effects = { "exec" }, doc = "the command that writes it; when it prints it "
                              .. "instead, what it printed is kept in the file" },
    ["fail-on"] = { "symbol(never|note|warning|error)" },
  },
}

function scanner.plan(s)
  if not s.from then return { "read " .. tostring(s.file) } end
  return { pipec.command(s.from), "read " .. tostring(s.file) }
end

function scanner.scan(s, ctx)
  if s.from then
    if ctx.fs.exists(s.file) then ctx.fs.remove(s.file) end
    -- Scanners exit non-zero when they find something: the document decides.
    local r = ctx.run(s.from, { ok = "any", quiet = true })
    if not ctx.fs.exists(s.file) then
      if not r.out:match("^%s*{") then
        ctx.fail("'%s' exited with %s and wrote no '%s': %s",
                 pipec.command(s.from), tostring(r.code), s.file,
                 r.err:sub(-300))
      end
      ctx.fs.write(s.file, r.out)
    end
  end
  local ok, found = pcall(pipec.lib("sarif").read, ctx.fs.read(s.file), ctx)
  if not ok then ctx.fail("'%s': %s", s.file, found) end
  return found
end

return scanner
