-- Commits to repositories, and what takes them back.
local M = {}

function M.target(repo)
  return { url = repo.url, branch = repo.branch, username = repo.username,
           password = repo.password, key = repo.key }
end

function M.key(repo) return ("%s %s"):format(repo.url, repo.branch) end

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
