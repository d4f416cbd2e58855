-- migrate: brings a SQLite database to the newest version of its schema. The
-- migrations are files 001-….sql, 002-….sql in one folder; the database keeps
-- in user_version how far it is.

local kind = pipec.kind "migrate" {
  doc = "Applies the SQL migrations that a database has not seen yet.",
  fields = {
    database = { "path", required = true, doc = "the SQLite file" },
    from = { "path", required = true, doc = "folder of NNN-name.sql files" },
  },
  outputs = {
    version = { "int", doc = "of the schema, afterwards" },
    applied = { "int", doc = "migrations applied by this run" },
  },
  effects = { "exec" },
}

function kind.plan(stage)
  return ("migrate %s by %s/*.sql"):format(stage.database, stage.from)
end

local function version(stage, ctx)
  local r = ctx.exec { "sqlite3", stage.database, "pragma user_version" }
  return tonumber(r.out:match "%d+")
end

function kind.run(stage, ctx)
  local at, applied = version(stage, ctx), 0
  local files = ctx.fs.glob(stage.from .. "/*.sql")
  table.sort(files)
  for _, file in ipairs(files) do
    local number = tonumber(file:match "(%d+)%-[^/]*%.sql$")
    if number and number > at then
      ctx.log.info("applying " .. file)
      ctx.exec { "sqlite3", "-bail", stage.database,
                 stdin = ("begin;\n%s\npragma user_version = %d;\ncommit;\n"):format(
                   ctx.fs.read(file), number) }
      at, applied = number, applied + 1
    end
  end
  return { version = at, applied = applied }
end

return kind
