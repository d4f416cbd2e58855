local scanner = pipec.scanner "secrets" {
  doc = "Keys and tokens in the repository's files. Needs no tool. A line with "
        .. "'pipec:allow-secret' is passed over.",
  args = { { "path", "path", optional = true, default = "." } },
  fields = {
    exclude = { "list(string)", doc = "globs to leave out" },
    ["fail-on"] = { "symbol(never|note|warning|error)" },
  },
}

-- { rule, what it is, a literal that must be there (lower case), the regex }
local rules = {
  { "private-key", "a private key", "private key",
    [[-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\s*(?:[A-Za-z0-9+/=:,.\- ]+\s+){2}]] },
  { "aws-access-key", "an AWS access key", "a",
    [[\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b]] },
  { "aws-secret-key", "an AWS secret key", "aws",
    [[(?i)aws.{0,20}(?:secret|private).{0,20}['"=: ]+([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])]] },
  { "github-token", "a GitHub token", "gh",
    [[\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b]] },
  { "gitlab-token", "a GitLab token", "gl",
    [[\bgl(?:pat|ptt|rt|dt|cbt|ft|soat|agent)-[A-Za-z0-9_-]{20,}]] },
  { "slack-token", "a Slack token", "xox", [[\bxox[abeoprs]-[A-Za-z0-9-]{10,}]] },
  { "slack-webhook", "a Slack webhook", "hooks.slack.com",
    [[hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9+/]{40,}]] },
  { "stripe-key", "a Stripe key", "k_", [[\b[sr]k_(?:live|test)_[A-Za-z0-9]{20,}]] },
  { "google-api-key", "a Google API key", "aiza", [[\bAIza[A-Za-z0-9_-]{35}\b]] },
  { "google-service-account", "a service account's key", "private_key_id",
    [["private_key_id"\s*:\s*"[0-9a-f]{40}"]] },
  { "npm-token", "an npm token", "npm_", [[\bnpm_[A-Za-z0-9]{36}\b]] },
  { "pypi-token", "a PyPI token", "pypi-", [[\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}]] },
  { "jwt", "a JSON web token", "eyj",
    [[\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}]] },
  { "url-password", "a password in a URL", "://",
    [[\b[a-z][a-z0-9+.-]*://[^\s/:@'"<>{}$]+:([^\s/@'"<>{}$]{6,})@[A-Za-z0-9.-]+]] },
  { "password", "a password that is written out", "=",
    [=[(?i)\b(?:password|passwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token)['"]?\s*(?::=|=>|[=:])\s*['"]([^'"\s]{12,})['"]]=] },
}
local random_only = { password = true, ["aws-secret-key"] = true }
local sample = { "example", "changeme", "placeholder", "xxxx", "****", "your",
                 "dummy", "<", "${", "{{", "%(", "test", "sample", "redacted" }

-- Shannon entropy in bits a character: words have about 3, keys above 3.5.
local function entropy(s)
  local count, bits = {}, 0
  for c in s:gmatch(".") do count[c] = (count[c] or 0) + 1 end
  for _, n in pairs(count) do bits = bits - n / #s * math.log(n / #s, 2) end
  return bits
end

local function is_sample(text)
  local low = text:lower()
  for _, word in ipairs(sample) do
    if low:find(word, 1, true) then return true end
  end
  return text:match("^(.)%1*$") ~= nil
end

local function keep(rule, value)
  if random_only[rule] then
    return entropy(value) >= 3.5 and value:match("%d") and not is_sample(value)
  end
  return rule ~= "url-password" or not is_sample(value)
end

local function line_of(text, at)
  local _, n = text:sub(1, at - 1):gsub("\n", "")
  local from = at
  while from > 1 and text:byte(from - 1) ~= 10 do from = from - 1 end
  return n + 1, text:match("[^\n]*", from), at - from + 1
end

local function scan_file(path, ctx, all)
  local ok, text = pcall(ctx.fs.read, path, { first = 1 << 20 })
  -- Other stages write and remove files meanwhile.
  if not ok and not ctx.fs.exists(path) then return end
  if not ok then ctx.fail("%s", text) end
  if text:find("\0", 1, true) then return end
  local low = text:lower()
  for _, r in ipairs(rules) do
    if low:find(r[3], 1, true) then
      for _, m in ipairs(ctx.re.all(text, r[4])) do
        local line, whole, col = line_of(text, m.at)
        if keep(r[1], m[1] or m.text)
           and not whole:find("pipec:allow-secret", 1, true) then
          all[#all + 1] = { rule = r[1], level = "error", file = path,
                            line = line, col = col,
                            message = "this looks like " .. r[2] }
        end
      end
    end
  end
end

local function files(s, ctx)
  if ctx.fs.kind(s.path) ~= "folder" then return { s.path } end
  local list = {}
  for _, p in ipairs(ctx.git.files(s.path) or ctx.fs.walk(s.path)) do
    if ctx.fs.kind(p) == "file" then list[#list + 1] = p end
  end
  return list
end

function scanner.plan(s)
  return { "look for secrets in " .. tostring(s.path) }
end

function scanner.scan(s, ctx)
  local all = {}
  for _, path in ipairs(files(s, ctx)) do
    local out = false
    for _, g in ipairs(s.exclude or {}) do out = out or ctx.fs.match(path, g) end
    if not out then scan_file(path, ctx, all) end
  end
  return all
end

return scanner
