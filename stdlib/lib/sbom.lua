-- What is inside an image, as CycloneDX or SPDX: the files pipec itself put
-- there; for a Dockerfile what the repository's lock files name.
local M = {}

local readers = {}

readers["requirements.txt"] = function(text, add)
  for name, version in text:gmatch("\n%s*([%w._-]+)%s*==%s*([%w.!+_-]+)") do
    add("pypi", name:lower():gsub("[._]", "-"), version)
  end
end

readers["package-lock.json"] = function(text, add, ctx)
  local doc = ctx.json.decode(text)
  for path, p in pairs(doc.packages or {}) do
    local name = path:match("node_modules/(@?[^@]-[^/]*)$")
    if name and p.version then
      name = path:match(".*node_modules/(.+)$")
      add("npm", name, p.version)
    end
  end
end

readers["go.sum"] = function(text, add)
  for name, version in text:gmatch("\n(%S+) (v[%w.+-]+) h1:") do
    add("golang", name, version)
  end
end

readers["Cargo.lock"] = function(text, add)
  for name, version in text:gmatch('\nname = "([^"]+)"\nversion = "([^"]+)"') do
    add("cargo", name, version)
  end
end

-- As package URLs want it: "@scope/name" is %40scope/name.
local function purl_of(kind, name, version)
  local function encode(s)
    return (s:gsub("[^%w._~/-]", function(c)
      return ("%%%02X"):format(c:byte())
    end))
  end
  return ("pkg:%s/%s@%s"):format(kind, encode(name), encode(version))
end

local function components(stage, ctx)
  local list, seen = {}, {}
  local function add(kind, name, version)
    local purl = purl_of(kind, name, version)
    if not seen[purl] then
      seen[purl] = true
      list[#list + 1] = { type = "library", name = name, version = version,
                          purl = purl }
    end
  end
  for _, file in ipairs(pipec.keys(readers)) do
    local path = (stage.context or ".") .. "/" .. file
    if ctx.fs.exists(path) then readers[file]("\n" .. ctx.fs.read(path), add, ctx) end
  end
  for _, c in ipairs(stage.copy or {}) do
    if ctx.fs.kind(c.source) == "file" then
      list[#list + 1] = { type = "file", name = c.dest, hashes = { {
        alg = "SHA-256", content = ctx.fs.sha256(c.source) } } }
    end
  end
  table.sort(list, function(a, b)
    return (a.purl or a.name) < (b.purl or b.name)
  end)
  return list
end

local function cyclonedx(name, digest, list, ctx)
  return { bomFormat = "CycloneDX", specVersion = "1.5", version = 1,
           metadata = { component = { type = "container", name = name,
                                      version = digest } },
           components = ctx.json.array(list) }
end

local function spdx(name, digest, list, ctx)
  local packages, ids = {}, {}
  for i, c in ipairs(list) do
    ids[i] = "SPDXRef-" .. i
    packages[i] = { SPDXID = "SPDXRef-" .. i, name = c.name,
                    versionInfo = c.version, downloadLocation = "NOASSERTION",
                    filesAnalyzed = false,
                    checksums = c.hashes and { {
                      algorithm = "SHA256",
                      checksumValue = c.hashes[1].content } },
                    externalRefs = c.purl and { {
                      referenceCategory = "PACKAGE-MANAGER",
                      referenceType = "purl", referenceLocator = c.purl } } }
  end
  return { spdxVersion = "SPDX-2.3", dataLicense = "CC0-1.0",
           SPDXID = "SPDXRef-DOCUMENT", name = name,
           documentNamespace = "https://pipec.dev/spdx/" .. digest,
           creationInfo = { created = ctx.date():gsub("%.%d+", ""),
                            creators = { "Tool: pipec" } },
           documentDescribes = ctx.json.array(ids),
           packages = ctx.json.array(packages) }
end

-- Writes it into the run's folder and says where.
function M.write(stage, ctx, digest)
  local name = stage.tag and stage.tag[1] or stage.name
  local list = components(stage, ctx)
  local make = stage.sbom == "spdx" and spdx or cyclonedx
  local path = ("%s/sbom/%s.json"):format(ctx.state_dir,
                                          stage.id:gsub("[^%w._-]", "_"))
  ctx.fs.write(path, ctx.json.encode(make(name, digest, list, ctx)) .. "\n")
  ctx.log("%s listed in %s", pipec.count(#list, "component"), path)
  return path
end

return M
