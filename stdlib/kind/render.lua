local kind = pipec.kind "render" {
  doc = "Renders a Kustomize folder, as `kustomize build` does.",
  fields = {
    kustomize = { "path", required = true, doc = "the folder to render" },
    ["set-image"] = { args = { { "image", "string", doc = "name in the manifests" },
                               { "ref", "string", doc = "what it becomes" } },
                      ["repeat"] = true, doc = "in the rendered text only" },
    namespace = { "string", doc = "put everything into this namespace" },
    output = { "path", doc = "where to write it; default: in the run's folder" },
    diff = { fields = { against = { "string", default = "HEAD",
                                    doc = "a Git revision" } },
             doc = "show what changes since then" },
  },
  outputs = {
    path = { "path", doc = "the file written" },
    digest = { "string", doc = "sha256:… of its bytes" },
    resources = { "int", doc = "documents in it" },
  },
}

function kind.plan(stage)
  local lines = { "render " .. tostring(stage.kustomize) }
  for _, s in ipairs(stage["set-image"] or {}) do
    lines[#lines + 1] = ("with %s = %s"):format(tostring(s.image), tostring(s.ref))
  end
  if stage.output then lines[#lines + 1] = "write " .. tostring(stage.output) end
  return lines
end

function kind.run(stage, ctx)
  local images = {}
  for _, s in ipairs(stage["set-image"] or {}) do
    images[#images + 1] = { name = s.image, ref = s.ref }
  end
  local text = ctx.kustomize.build(stage.kustomize, { images = images,
                                                      namespace = stage.namespace })
  local path = stage.output or ("%s/render/%s.yaml"):format(
    ctx.state_dir, stage.id:gsub("[^%w._-]", "_"))
  ctx.fs.write(path, text)
  local n = 0
  for _ in ("\n" .. text):gmatch("\nkind: ") do n = n + 1 end
  ctx.log("%s from %s in %s", pipec.count(n, "resource"), stage.kustomize, path)
  return { path = path, digest = "sha256:" .. ctx.sha256(text), resources = n }
end

return kind
