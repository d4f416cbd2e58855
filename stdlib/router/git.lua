local router = pipec.router "git" {
  doc = "Weights in a file of a Git repository, from which a GitOps controller "
        .. "takes them: each is a commit that changes just these values, "
        .. "comments and all else stay. With verify= a weight counts when that "
        .. "command prints it, as what the controller has made of it; without, "
        .. "when the repository has it.",
  args = { { "url", "string", doc = "the repository" } },
  fields = {
    file = { "string", required = true, doc = "YAML file in it" },
    canary = { "string", required = true,
               doc = "path of the new version's weight: "
                     .. "spec.http[0].route[?(@.destination.subset==\"canary\")].weight" },
    stable = { "string", doc = "path of the old version's, which gets the rest" },
    document = { "int", default = 1, doc = "which of the file's documents" },
    total = { "int", default = 100, doc = "what both weights add up to" },
    branch = { "string", default = "main", doc = "to commit to" },
    username = { "string", doc = "account, for https" },
    password = { "secret(string)", doc = "password or token" },
    key = { "secret(string)", doc = "private key, for ssh" },
    message = { "string", default = "rollout: new version at",
                doc = "the commit's, before the weight" },
    author = { "string", default = "pipec <pipec@localhost>",
               doc = "Name <address>" },
    verify = { "command", doc = "prints the weight in force, 0 to 100" },
    timeout = { "duration", default = "1m", doc = "of that command, and of Git" },
  },
  effects = { "traffic", "git push" },
}

local TRIES = 5 -- while somebody else changes the file

local function target(r)
  return { url = r.url, branch = r.branch, username = r.username,
           password = r.password, key = r.key, timeout = r.timeout }
end

local function read(r, ctx)
  local text = ctx.git.read(target(r), r.file)
  if not text then
    ctx.fail("the repository has no file '%s' on %s", r.file, r.branch)
  end
  local documents = ctx.yaml.decode(text)
  if not documents[r.document] then
    ctx.fail("'%s' has no document %d", r.file, r.document)
  end
  return text, documents
end

local function one(r, ctx, documents, path)
  local ok, value, keys = pcall(pipec.lib("jsonpath").one, documents[r.document], path)
  if not ok then ctx.fail("'%s': %s", r.file, tostring(value)) end
  if not tonumber(value) then
    ctx.fail("'%s': what is at '%s' is no number", r.file, path)
  end
  return tonumber(value), keys
end

-- The text with one value replaced; that nothing else means anything new is
-- made sure of.
local function replace(r, ctx, text, documents, path, number)
  local value, keys = one(r, ctx, documents, path)
  local ok, new = pcall(ctx.yaml.replace, text, r.document, keys, ("%d"):format(number))
  if not ok then ctx.fail("'%s', '%s': %s", r.file, path, tostring(new)) end
  local after = ctx.yaml.decode(new)
  local parent, last = documents[r.document], keys[#keys]
  for i = 1, #keys - 1 do parent = parent[keys[i]] end
  parent[last] = type(value) == type(parent[last]) and number or tostring(number)
  if not pipec.lib("router").same(documents, after) then
    ctx.fail("'%s': '%s' cannot be changed alone: it stands for other values too",
             r.file, path)
  end
  return new
end

function router.plan(r)
  return { ("commit the weight in %s to %s of %s"):format(r.file, r.branch,
           tostring(r.url)) }
end

local function share(r, weight) return math.floor(weight * r.total / 100 + 0.5) end

local function commit(r, ctx, weight)
  local text, documents = read(r, ctx)
  local n = share(r, weight)
  local new = replace(r, ctx, text, documents, r.canary, n)
  if r.stable then
    new = replace(r, ctx, new, ctx.yaml.decode(new), r.stable, r.total - n)
  end
  if new == text then return end
  local spec = target(r)
  spec.message = ("%s %s\n"):format(r.message, pipec.percent(weight))
  spec.author = r.author
  spec.edits = { { kind = "write", path = r.file, text = new, was = text } }
  local c = ctx.git.commit(spec)
  ctx.log("%s is now %s", r.branch, c.sha:sub(1, 12))
end

function router.set(r, ctx, weight)
  for try = 1, TRIES do
    local ok, why = pcall(commit, r, ctx, weight)
    if ok then return end
    if try == TRIES or not tostring(why):find("has changed meanwhile", 1, true) then
      ctx.fail("%s", tostring(why))
    end
  end
end

function router.get(r, ctx, want)
  if r.verify then
    return pipec.lib("router").printed(ctx, r.verify, r.timeout)
  end
  local _, documents = read(r, ctx)
  local canary = one(r, ctx, documents, r.canary)
  local stable = r.stable and one(r, ctx, documents, r.stable) or r.total - canary
  if want and canary == share(r, want) and stable == r.total - canary then
    return want
  end
  local both = canary + stable
  return both > 0 and canary * 100 / both or 0
end

function router.check(r, ctx)
  local text, documents = read(r, ctx)
  replace(r, ctx, text, documents, r.canary, 0)
  if r.stable then
    replace(r, ctx, text, ctx.yaml.decode(text), r.stable, r.total)
  end
end

return router
