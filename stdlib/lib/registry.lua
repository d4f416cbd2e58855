-- Pushing an image layout to a registry (OCI distribution-spec 1.1).
local M = {}

-- "host:5000/team/app:1.2" in its parts.
function M.parse(ref, ctx)
  local host = ctx.oci.registry(ref)
  local rest = ref:sub(1, #host + 1) == host .. "/" and ref:sub(#host + 2)
               or ref
  rest = rest:gsub("@.*$", "")
  local name, tag = rest:match("^(.*):([^/:]+)$")
  name = name or rest
  if host == "docker.io" then
    host = "registry-1.docker.io"
    if not name:find("/", 1, true) then name = "library/" .. name end
  end
  return { host = host, name = name, tag = tag or "latest" }
end

-- Registries on this machine speak plain HTTP, as every client assumes.
function M.is_local(host)
  local name = host:match("^%[?([^%]:]+)")
  return name == "localhost" or name == "127.0.0.1" or name == "::1"
end

local Client = {}
Client.__index = Client

function M.client(at, login, ctx)
  local plain = login.insecure or M.is_local(at.host)
  return setmetatable({ ctx = ctx, at = at, login = login,
    base = (plain and "http://" or "https://") .. at.host }, Client)
end

-- A registry answers 401 and says where a token is to be had.
function Client:authorize(challenge)
  local scheme, rest = (challenge or ""):match("^(%a+)%s*(.*)$")
  local user, password = self.login.username, self.login.password
  if scheme and scheme:lower() == "basic" then
    self.basic = true
    return user ~= nil
  end
  local p = {}
  for k, v in (rest or ""):gmatch('(%w+)="([^"]*)"') do p[k] = v end
  if not p.realm then return false end
  local uri = self.ctx.uri
  local url = ("%s?service=%s&scope=%s"):format(p.realm, uri(p.service or ""),
    uri(("repository:%s:pull,push"):format(self.at.name)))
  local r = self.ctx.http.get(url, { username = user, password = password })
  local body = self.ctx.json.decode(r.body)
  self.token = body.token or body.access_token
  return self.token ~= nil
end

function Client:send(request)
  for try = 1, 2 do
    request.ok = "any"
    if not request.url:match("^https?://") then
      request.url = self.base .. request.url
    end
    if self.basic then
      request.username, request.password = self.login.username,
                                           self.login.password
    end
    request.token = self.token
    local r = self.ctx.http.request(request)
    if r.status ~= 401 or try == 2
       or not self:authorize(r.headers["www-authenticate"]) then
      return r
    end
  end
end

function Client:expect(what, status, request)
  local r = self:send(request)
  if r.status ~= status then
    local ok, body = pcall(self.ctx.json.decode, r.body)
    local first = ok and type(body) == "table" and (body.errors or {})[1]
    self.ctx.fail("%s refuses %s: %d %s", self.at.host, what, r.status,
                  first and tostring(first.message or first.code) or "")
  end
  return r
end

-- Sent as it is read: a layer may be larger than memory.
function Client:put_blob(digest, file)
  local path = ("/v2/%s/blobs/"):format(self.at.name)
  if self:send { method = "HEAD", url = path .. digest }.status == 200 then
    return
  end
  local r = self:expect("an upload", 202, { method = "POST", body = "",
                                            url = path .. "uploads/" })
  local where = r.headers.location or ""
  where = where .. (where:find("?", 1, true) and "&" or "?") .. "digest="
          .. self.ctx.uri(digest)
  self:expect("a layer", 201, { method = "PUT", url = where, file = file,
    timeout = "30m", headers = { ["Content-Type"] = "application/octet-stream" } })
end

function Client:put_manifest(tag, media, bytes)
  self:expect("the manifest", 201, { method = "PUT", body = bytes,
    url = ("/v2/%s/manifests/%s"):format(self.at.name, tag),
    headers = { ["Content-Type"] = media } })
end

local manifests = table.concat({
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
}, ", ")

-- The manifest of an image there; nil where it cannot be had.
function M.manifest(ref, digest, login, ctx)
  local at = M.parse(ref, ctx)
  local client = M.client(at, login or {}, ctx)
  local r = client:send {
    url = ("/v2/%s/manifests/%s"):format(at.name, digest),
    headers = { Accept = manifests } }
  local ok, doc = pcall(ctx.json.decode, r.body)
  return ok and type(doc) == "table" and doc.layers and doc or nil
end

-- Bytes of a manifest's layers.
function M.size(manifest)
  local size = 0
  for _, l in ipairs(manifest.layers or {}) do size = size + l.size end
  return size
end

local function blob(layout, digest)
  return ("%s/blobs/%s"):format(layout, (digest:gsub(":", "/")))
end

-- The image `digest` of a layout, under the name and tag of ref.
function M.push(layout, digest, ref, login, ctx)
  local at = M.parse(ref, ctx)
  local client = M.client(at, login or {}, ctx)
  local text = ctx.fs.read(blob(layout, digest))
  local manifest = ctx.json.decode(text)
  local parts = { manifest.config }
  for _, l in ipairs(manifest.layers or {}) do parts[#parts + 1] = l end
  for _, d in ipairs(parts) do
    client:put_blob(d.digest, blob(layout, d.digest))
  end
  client:put_manifest(at.tag, manifest.mediaType
    or "application/vnd.oci.image.manifest.v1+json", text)
end

return M
