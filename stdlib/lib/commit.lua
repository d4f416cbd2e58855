-- Commits to repositories, and what takes them back.
local M = {}

function M.target(repo)
  return { url = repo.url, branch = repo.branch, username = repo.username,
           password = repo.password, key = repo.key }
end

function M.key(repo) return ("%s %s"):format(repo.url, repo.branch) end

-- What these edits bring, by which it is refused once it was rolled back: the
-- images where that is all, else a digest. Where they are written to does not
-- matter.
function M.version(edits, ctx)
  local words, other = {}, false
  for _, e in ipairs(edits) do
    other = other or e.kind ~= "set-image"
    words[#words + 1] = e.kind == "set-image"
      and ("%s=%s"):format(e.name, e.ref)
      or ("%s %s %s"):format(e.kind, e.path, e.text or "")
  end
  local all = table.concat(words, other and "\n" or " ")
  return other and "sha256:" .. ctx.sha256(all) or all
end

function M.refuse_rejected(version, ctx)
  local why = ctx.rejected(version)
  if why then
    ctx.fail("version '%s' was rolled back %s; change it, or run with "
             .. "--allow-rejected", version, why)
  end
end

-- c: { id, config of the commit stage, outputs of it }
function M.revert(c, ctx, again, reason)
  local out = c.outputs or {}
  if not out.changed then return end
  local repo = c.config.repo
  local r = ctx.effect("commit", "revert " .. out.sha, { revert = out.sha },
                       function()
    local spec = M.target(repo)
    spec.sha = out.sha
    spec.message = ("Revert \"%s\"\n\n%s\n\nThis reverts commit %s.\n"):format(
      c.config.message:match("[^\n]*"), reason or "The rollout was aborted.",
      out.sha)
    spec.author = c.config.author
    return ctx.git.revert(spec)
  end)
  if r.changed then
    ctx.log("reverted %s on %s: now %s", out.sha:sub(1, 12), repo.branch,
            r.sha:sub(1, 12))
  else
    ctx.log("nothing to revert: %s is as before", repo.branch)
  end
end

return M
