local report = pipec.report "coverage" {
  doc = "Line coverage out of Cobertura, JaCoCo or LCOV, whichever the file is.",
  args = { { "path", "path", doc = "file or glob" } },
  fields = {
    min = { "percent", min = 0, max = 100, doc = "less than this fails the stage" },
    branches = { "percent", min = 0, max = 100, doc = "the same for branches" },
  },
}

local function add(total, covered, valid, branches_covered, branches)
  total.covered = total.covered + (tonumber(covered) or 0)
  total.valid = total.valid + (tonumber(valid) or 0)
  total.branches_covered = total.branches_covered + (tonumber(branches_covered) or 0)
  total.branches = total.branches + (tonumber(branches) or 0)
end

-- Cobertura says it on its root; a writer that leaves counts out says rates,
-- so lines are counted then.
local function cobertura(total, path, ctx)
  local root, lines, hit, in_class = nil, 0, 0, 0
  ctx.xml.read(path, { open = function(name, attr)
    root = root or attr
    if name == "line" and in_class == 1 then
      lines = lines + 1
      if (tonumber(attr.hits) or 0) > 0 then hit = hit + 1 end
    elseif name == "lines" then
      in_class = in_class + 1
    elseif name == "methods" then
      in_class = in_class + 10
    end
  end, close = function(name)
    if name == "lines" then in_class = in_class - 1
    elseif name == "methods" then in_class = in_class - 10 end
  end })
  add(total, root["lines-covered"] or hit, root["lines-valid"] or lines,
      root["branches-covered"], root["branches-valid"])
end

-- JaCoCo ends with counters of the whole, directly below <report>.
local function jacoco(total, path, ctx)
  local depth = 0
  ctx.xml.read(path, {
    open = function(name, attr)
      depth = depth + 1
      if depth ~= 2 or name ~= "counter" then return end
      local missed, covered = tonumber(attr.missed), tonumber(attr.covered)
      if attr.type == "LINE" then
        add(total, covered, covered + missed)
      elseif attr.type == "BRANCH" then
        add(total, 0, 0, covered, covered + missed)
      end
    end,
    close = function() depth = depth - 1 end,
  })
end

local function lcov(total, text)
  local sum = { LF = 0, LH = 0, BRF = 0, BRH = 0, DA = 0, hit = 0 }
  for key, value in text:gmatch("(%u+):([^\n\r]*)") do
    if key == "DA" then
      sum.DA = sum.DA + 1
      if (tonumber(value:match(",(%d+)")) or 0) > 0 then sum.hit = sum.hit + 1 end
    elseif sum[key] then
      sum[key] = sum[key] + (tonumber(value) or 0)
    end
  end
  if sum.LF == 0 then sum.LF, sum.LH = sum.DA, sum.hit end
  add(total, sum.LH, sum.LF, sum.BRH, sum.BRF)
end

local function read(total, path, ctx)
  local head = ctx.fs.read(path, { first = 4096 })
  if head:find("<coverage", 1, true) then
    cobertura(total, path, ctx)
  elseif head:find("<report", 1, true) then
    jacoco(total, path, ctx)
  elseif head:find("SF:", 1, true) or head:find("^TN:") then
    lcov(total, ctx.fs.read(path))
  else
    ctx.fail("'%s' is neither Cobertura nor JaCoCo nor LCOV", path)
  end
end

local function below(what, got, floor, problems)
  if floor and got < floor then
    problems[#problems + 1] = ("%s of %s is below %s"):format(what,
      pipec.percent(math.floor(got * 10) / 10), pipec.percent(floor))
  end
end

function report.read(r, ctx)
  local paths = ctx.fs.glob(r.path)
  if #paths == 0 then ctx.fail("there is no report '%s'", r.path) end
  local t = { covered = 0, valid = 0, branches_covered = 0, branches = 0 }
  for _, path in ipairs(paths) do read(t, path, ctx) end
  if t.valid == 0 then ctx.fail("'%s' counts no line at all", r.path) end
  local problems, share = {}, t.covered * 100 / t.valid
  below("coverage", share, r.min, problems)
  if r.branches then
    if t.branches == 0 then ctx.fail("'%s' counts no branch", r.path) end
    below("branch coverage", t.branches_covered * 100 / t.branches, r.branches,
          problems)
  end
  return { coverage = math.floor(share * 100 + 0.5) / 100, problems = problems }
end

return report
