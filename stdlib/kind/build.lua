local kind = pipec.kind "build" {
  doc = "Builds a container image: by a Dockerfile with docker, podman or "
        .. "buildah, or from scratch by pipec itself.",
  one = { { "dockerfile", "from" } },
  fields = {
    dockerfile = { "path", doc = "build by this file", effects = { "exec" } },
    context = { "path", default = ".",
                doc = "the folder the file may copy" },
    target = { "string", needs = "dockerfile",
               doc = "the Dockerfile's stage to stop at" },
    arg = { args = { { "variable", "string" }, { "value", "string" } },
            ["repeat"] = true, needs = "dockerfile", doc = "a build argument" },
    platform = { "string", doc = "such as linux/arm64" },
    engine = { "symbol(auto|docker|podman|buildah)", default = "auto",
               needs = "dockerfile",
               doc = "what builds by a Dockerfile; auto: the first that works" },
    from = { "symbol(scratch)", doc = "begin with nothing" },
    copy = { args = { { "source", "path" }, { "dest", "string" } },
             fields = { mode = { "int", min = 0, max = 4095,
                                doc = "permissions, as 0755" } },
             ["repeat"] = true, needs = "from",
             doc = "a file or folder for the image" },
    entrypoint = { "list(string)", needs = "from", doc = "what a container starts" },
    cmd = { "list(string)", needs = "from", doc = "its default arguments" },
    variable = { args = { { "variable", "string" }, { "value", "string" } },
                 ["repeat"] = true, needs = "from",
                 doc = "environment inside the image" },
    user = { "string", needs = "from", doc = "who the container runs as" },
    workdir = { "string", needs = "from", doc = "where it starts" },
    expose = { "int", min = 1, max = 65535, ["repeat"] = true, needs = "from",
               doc = "a port it listens on" },
    label = { "map(string)", doc = "labels of the image" },
    layout = { "path", needs = "from", doc = "write the image to this OCI layout folder" },
    tag = { "string", ["repeat"] = true, doc = "name:tag of the image" },
    push = { fields = { username = { "string", doc = "registry account" },
                        password = { "secret(string)", doc = "its password" },
                        insecure = { "bool", default = false,
                                     doc = "plain HTTP" } },
             needs = "tag", doc = "push every tag to its registry",
             effects = { "registry" } },
    sbom = { "symbol(cyclonedx|spdx)", doc = "write a list of what is inside" },
    sign = { fields = { key = { "secret(string)", required = true,
                                doc = "a private key that cosign made" },
                        password = { "secret(string)", doc = "of the key" } },
             needs = "push", doc = "sign the pushed image with cosign",
             effects = { "exec", "registry" } },
  },
  outputs = {
    ref = { "string", doc = "what to deploy: name@digest once pushed, else name:tag" },
    tag = { "string", doc = "the first tag, with its name" },
    name = { "string", doc = "the first tag without what follows the name" },
    digest = { "string", doc = "sha256:… of the manifest; of the configuration "
                               .. "where an engine built it and it is not pushed" },
    size = { "size", doc = "of all layers; compressed, but for what docker or "
                           .. "podman built and did not push" },
  },
}

function kind.plan(stage)
  local lines = {}
  local function add(...) lines[#lines + 1] = string.format(...) end
  if stage.dockerfile then
    add("build %s by %s", tostring(stage.context), tostring(stage.dockerfile))
  else
    add("assemble an image from scratch")
    for _, c in ipairs(stage.copy or {}) do
      add("copy %s to %s", tostring(c.source), tostring(c.dest))
    end
  end
  for _, t in ipairs(stage.tag or {}) do
    add(stage.push and "tag and push %s" or "tag %s", tostring(t))
  end
  if stage.layout then add("write %s", tostring(stage.layout)) end
  if stage.sbom then add("list the contents (%s)", stage.sbom) end
  if stage.sign then add("sign it") end
  return lines
end

-- A fitting engine is one that is installed and answers.
local function engine(stage, ctx)
  local candidates = stage.engine == "auto" and { "docker", "podman", "buildah" }
                     or { stage.engine }
  for _, name in ipairs(candidates) do
    local probe = { name, "info" }
    probe.ok, probe.quiet, probe.timeout = "any", true, 20000
    local ran, r = pcall(ctx.exec, probe)
    if ran and r.code == 0 then return name end
  end
  ctx.fail("a Dockerfile needs %s, and none of these works here",
           table.concat(candidates, ", "))
end

local function by_dockerfile(stage, ctx, name)
  local id = ctx.temp("iid")
  local argv = { name, "build", "--file", stage.dockerfile, "--iidfile", id }
  local function add(...) for _, w in ipairs { ... } do argv[#argv + 1] = w end end
  for _, t in ipairs(stage.tag or {}) do add("--tag", t) end
  for _, a in ipairs(stage.arg or {}) do
    add("--build-arg", a.variable .. "=" .. a.value)
  end
  for k, v in pairs(stage.label or {}) do add("--label", k .. "=" .. v) end
  if stage.target then add("--target", stage.target) end
  if stage.platform then add("--platform", stage.platform) end
  add(stage.context)
  ctx.exec(argv)
  return (ctx.fs.read(id):gsub("%s", ""))
end

local function login(stage, ctx, name, registry)
  local p = stage.push
  if not p.username or not p.password then return end
  ctx.exec { name, "login", "--username", p.username, "--password-stdin",
             registry, stdin = p.password }
end

local function push_by_engine(stage, ctx, name, id)
  local digest
  local registry = pipec.lib("registry")
  for _, tag in ipairs(stage.tag) do
    local host = ctx.oci.registry(tag)
    login(stage, ctx, name, host)
    local r = ctx.effect("push", tag, { image = id }, function()
      local file = ctx.temp("digest")
      local argv = { name, "push" }
      if name ~= "docker" then
        argv[#argv + 1] = "--digestfile"
        argv[#argv + 1] = file
        if stage.push.insecure or registry.is_local(host) then
          argv[#argv + 1] = "--tls-verify=false"
        end
      end
      argv[#argv + 1] = tag
      local out = ctx.exec(argv).out
      local d = name == "docker" and out:match("digest: (sha256:%x+)")
                or ctx.fs.read(file):match("sha256:%x+")
      return { digest = d }
    end)
    digest = r.digest or digest
  end
  return digest
end

-- buildah tells sizes for people only, so the image is laid out and looked at.
local function size_by_engine(ctx, name, id)
  if name ~= "buildah" then
    local r = ctx.exec { name, "image", "inspect", "--format", "{{.Size}}", id,
                         quiet = true }
    return math.tointeger(tonumber(r.out))
  end
  local layout = ctx.temp("size.oci")
  ctx.exec { name, "push", "--quiet", id, "oci:" .. layout, quiet = true }
  local function read(digest)
    return ctx.json.decode(ctx.fs.read(
      ("%s/blobs/%s"):format(layout, (digest:gsub(":", "/")))))
  end
  local index = ctx.json.decode(ctx.fs.read(layout .. "/index.json"))
  return pipec.lib("registry").size(read(index.manifests[1].digest))
end

local function from_scratch(stage, ctx)
  local files, env, ports = {}, {}, {}
  for i, c in ipairs(stage.copy or {}) do
    files[i] = { source = c.source, dest = c.dest,
                 mode = c.mode }
  end
  for i, v in ipairs(stage.variable or {}) do
    env[i] = v.variable .. "=" .. v.value
  end
  for i, p in ipairs(stage.expose or {}) do ports[i] = ("%d/tcp"):format(p) end
  local tag = stage.tag and stage.tag[1]:match(":([^/:]+)$")
  local image = ctx.oci.assemble {
    layout = stage.layout or ctx.temp("layout"), files = files, env = env,
    entrypoint = stage.entrypoint, cmd = stage.cmd, user = stage.user,
    workdir = stage.workdir, ports = ports, labels = stage.label,
    platform = stage.platform, ref = tag,
  }
  local bytes = ctx.fs.read(("%s/blobs/%s"):format(image.layout,
                            (image.digest:gsub(":", "/"))))
  image.size = pipec.lib("registry").size(ctx.json.decode(bytes))
  return image
end

local function push_layout(stage, ctx, image)
  for _, tag in ipairs(stage.tag) do
    ctx.effect("push", tag, { digest = image.digest }, function()
      pipec.lib("registry").push(image.layout, image.digest, tag, stage.push,
                                 ctx)
      ctx.log("pushed %s", tag)
    end)
  end
  return image.digest
end

-- Where cosign finds what the registry asks for.
local function credentials(stage, ctx, ref)
  local p = stage.push
  if not p.username or not p.password then return nil end
  local dir = ctx.temp("cosign")
  ctx.fs.write(dir .. "/config.json", ctx.json.encode {
    auths = { [ctx.oci.registry(ref)] = { username = p.username,
                                          password = p.password } } }, 384)
  return dir
end

-- With cosign itself: its formats are its own. What is signed is the digest; a
-- tag may be another image by then. The key is in no file and no argument.
local function sign(stage, ctx, digest)
  local seen = {}
  for _, tag in ipairs(stage.tag) do
    local ref = tag:gsub(":[^:/]*$", "") .. "@" .. digest
    if not seen[ref] then
      seen[ref] = true
      local argv = { "cosign", "sign", "--yes", "--key", "env://PIPEC_SIGN_KEY" }
      if stage.push.insecure then
        argv[#argv + 1] = "--allow-insecure-registry"
      end
      argv[#argv + 1] = ref
      argv.env = { PIPEC_SIGN_KEY = stage.sign.key,
                   COSIGN_PASSWORD = stage.sign.password or "",
                   DOCKER_CONFIG = credentials(stage, ctx, ref) }
      ctx.effect("push", "signature " .. ref, {}, function() ctx.exec(argv) end)
    end
  end
end

function kind.run(stage, ctx)
  local digest, size, pushed
  if stage.dockerfile then
    local name = engine(stage, ctx)
    digest = by_dockerfile(stage, ctx, name)
    if stage.push then
      local registry, ref = pipec.lib("registry"), stage.tag[1]
      pushed = push_by_engine(stage, ctx, name, digest)
      local m = registry.manifest(ref, pushed, stage.push, ctx)
      size = m and registry.size(m)
    end
    size = size or size_by_engine(ctx, name, digest)
  else
    local image = from_scratch(stage, ctx)
    digest, size = image.digest, image.size
    if stage.push then pushed = push_layout(stage, ctx, image) end
  end
  local tag = stage.tag and stage.tag[1] or ""
  local name = tag:gsub(":[^:/]*$", "")
  if stage.sbom then pipec.lib("sbom").write(stage, ctx, digest) end
  if stage.sign then sign(stage, ctx, pushed) end
  ctx.log("image %s", pushed and name .. "@" .. pushed
                      or (tag .. " " .. digest):gsub("^ ", ""))
  return { ref = pushed and name .. "@" .. pushed or tag, tag = tag, name = name,
           digest = pushed or digest, size = size }
end

return kind
