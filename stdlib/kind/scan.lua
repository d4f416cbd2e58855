local kind = pipec.kind "scan" {
  doc = "Looks for weaknesses with one or several scanners; fails when one "
        .. "finds something at least as bad as fail-on.",
  fields = {
    ["fail-on"] = { "symbol(never|note|warning|error)", default = "error",
                    doc = "the least level that fails the stage" },
    ignore = { "string", ["repeat"] = true,
               doc = "a rule whose findings don't count: `ignore \"DL3008\"`" },
    report = { "path", doc = "write all findings to this SARIF file" },
  },
  families = { "scanner" }, some = { { "scanner" } },
  outputs = {
    findings = { "int", doc = "all that was found and not ignored" },
    errors = "int", warnings = "int", notes = "int",
  },
}

function kind.plan(stage)
  local lines, general = {}, false
  for _, s in ipairs(stage.scanner or {}) do
    for _, line in ipairs(pipec.plan("scanner", s)) do
      lines[#lines + 1] = line
    end
    if s["fail-on"] then
      lines[#lines] = lines[#lines] .. ", fail on " .. s["fail-on"]
    else
      general = true
    end
  end
  if general then lines[#lines + 1] = "fail on " .. stage["fail-on"] end
  return lines
end

local level = { never = 9, error = 3, warning = 2, note = 1, none = 0 }
local function show(ctx, f)
  ctx.event("finding", { tool = f.tool, rule = f.rule, severity = f.level,
                         message = f.message, file = f.file, line = f.line,
                         col = f.col })
end

local function scan_all(stage, ctx, ignored)
  local all, worst, count = { tools = {} }, 0, { error = 0, warning = 0, note = 0 }
  for _, s in ipairs(stage.scanner or {}) do
    local floor = level[s["fail-on"] or stage["fail-on"]]
    local found = ctx.use("scanner", s.is).scan(s, ctx)
    for _, tool in ipairs(found.tools or { s.is }) do
      all.tools[#all.tools + 1] = tool
    end
    for _, f in ipairs(found) do
      f.tool = f.tool or s.is
      if not level[f.level] or f.level == "none" then f.level = "note" end
      if not ignored[f.rule] then
        all[#all + 1] = f
        count[f.level] = count[f.level] + 1
        if level[f.level] >= floor then worst = worst + 1 end
        show(ctx, f)
      end
    end
  end
  return all, worst, count
end

function kind.run(stage, ctx)
  local ignored = {}
  for _, rule in ipairs(stage.ignore or {}) do ignored[rule] = true end
  local all, worst, count = scan_all(stage, ctx, ignored)
  ctx.output("findings", #all)
  ctx.output("errors", count.error)
  ctx.output("warnings", count.warning)
  ctx.output("notes", count.note)
  ctx.event("scan.summary", { tools = ctx.json.array(all.tools),
                              findings = #all, errors = count.error,
                              warnings = count.warning, notes = count.note })
  if stage.report then
    ctx.fs.write(stage.report, pipec.lib("sarif").write(all, ctx))
  end
  ctx.log("%s: %s, %s, %s", pipec.count(#all, "finding"),
          pipec.count(count.error, "error"), pipec.count(count.warning, "warning"),
          pipec.count(count.note, "note"))
  if worst > 0 then
    ctx.fail("%s at or above the level that fails the stage",
             pipec.count(worst, "finding"))
  end
end

return kind
