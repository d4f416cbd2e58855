local kind = pipec.kind "commit" {
  doc = "Commits to a Git repository that a GitOps controller watches, and "
        .. "pushes. Fetches, rebases and retries when the branch has moved; "
        .. "commits nothing when nothing changes.",
  some = { { "set-image", "copy", "remove" } },
  fields = {
    repo = { args = { { "url", "string", doc = "where it is pushed" } },
             fields = {
               branch = { "string", default = "main", doc = "to commit to" },
               username = { "string", doc = "account, for https" },
               password = { "secret(string)", doc = "password or token" },
               key = { "secret(string)", doc = "private key, for ssh" },
             }, required = true, doc = "the repository" },
    ["set-image"] = { args = { { "overlay", "path", doc = "folder in the repository" },
                               { "image", "string", doc = "name in the manifests" },
                               { "ref", "string", doc = "what it becomes" } },
                      ["repeat"] = true,
                      doc = "as `kustomize edit set image`; comments stay" },
    copy = { args = { { "source", "path", doc = "file in the workspace" },
                      { "dest", "path", doc = "file in the repository" } },
             ["repeat"] = true, doc = "put a file there" },
    remove = { "path", ["repeat"] = true, doc = "delete a file there" },
    message = { "string", min = 1, required = true, doc = "the commit's message" },
    author = { "string", default = "pipec <pipec@localhost>",
               doc = "Name <address>" },
  },
  outputs = {
    sha = { "string", doc = "the branch's commit afterwards" },
    before = { "string", doc = "the branch's commit before" },
    changed = { "bool", doc = "whether there was something to commit" },
    version = { "string", doc = "what was committed: refused once it was "
                                .. "rolled back" },
  },
  effects = { "git push" },
}

function kind.plan(stage)
  local lines = {}
  local function add(...) lines[#lines + 1] = string.format(...) end
  for _, s in ipairs(stage["set-image"] or {}) do
    add("set image %s = %s in %s", tostring(s.image), tostring(s.ref),
        tostring(s.overlay))
  end
  for _, c in ipairs(stage.copy or {}) do
    add("copy %s to %s", tostring(c.source), tostring(c.dest))
  end
  for _, p in ipairs(stage.remove or {}) do add("remove %s", tostring(p)) end
  add("commit \"%s\"", tostring(stage.message))
  add("push to %s of %s", tostring(stage.repo.branch), tostring(stage.repo.url))
  return lines
end

local function edits(stage, ctx)
  local list = {}
  for _, s in ipairs(stage["set-image"] or {}) do
    list[#list + 1] = { kind = "set-image", path = s.overlay, name = s.image,
                        ref = s.ref }
  end
  for _, c in ipairs(stage.copy or {}) do
    list[#list + 1] = { kind = "write", path = c.dest,
                        text = ctx.fs.read(c.source) }
  end
  for _, p in ipairs(stage.remove or {}) do
    list[#list + 1] = { kind = "remove", path = p }
  end
  return list
end

-- `pipec rollback`: nothing is committed, what was is taken back.
local function back(stage, ctx)
  for _, c in ipairs(stage.rollback.commits) do
    pipec.lib("commit").revert(c, ctx, false, stage.rollback.reason)
  end
end

function kind.run(stage, ctx)
  local lib, repo = pipec.lib("commit"), stage.repo
  if stage.rollback then return back(stage, ctx) end
  local list = edits(stage, ctx)
  local version = lib.version(list, ctx)
  lib.refuse_rejected(version, ctx)
  local r = ctx.effect("commit", lib.key(repo), { message = stage.message },
                       function()
    local spec = lib.target(repo)
    spec.message, spec.author = stage.message, stage.author
    spec.edits = list
    return ctx.git.commit(spec)
  end)
  if r.changed then
    ctx.log("%s is now %s", repo.branch, r.sha:sub(1, 12))
  else
    ctx.log("nothing to commit: %s holds that already", r.sha:sub(1, 12))
  end
  return { sha = r.sha, before = r.before, changed = r.changed,
           version = version }
end

return kind
