local scanner = pipec.scanner "manifests" {
  doc = "Kubernetes manifests, rendered first where they are a Kustomize "
        .. "folder: limits, probes, image tags, root, replicas. Needs no tool. "
        .. "Annotation pipec.dev/ignore: \"rule, rule\" waives rules.",
  args = { { "path", "path", doc = "Kustomize folder, or a file" } },
  fields = { ["fail-on"] = { "symbol(never|note|warning|error)" } },
}

local workloads = { Deployment = true, StatefulSet = true, DaemonSet = true,
                    Job = true, CronJob = true, Pod = true, ReplicaSet = true,
                    Rollout = true }
local serves = { Deployment = true, StatefulSet = true, DaemonSet = true,
                 Rollout = true }

local function pod_of(doc)
  local spec = doc.spec or {}
  if doc.kind == "Pod" then return spec end
  if doc.kind == "CronJob" then spec = (spec.jobTemplate or {}).spec or {} end
  return (spec.template or {}).spec
end

-- registry:5000/app has a port, not a tag.
local function tag_of(image)
  if image:find("@sha256:", 1, true) then return "digest" end
  return image:match(":([^/:]+)$")
end

local checks = {}

function checks.image(c, say)
  local image = c.image
  if type(image) ~= "string" or image == "" then return say("image", "error", "has no image") end
  local tag = tag_of(image)
  if not tag then
    say("image-tag", "error", "image '%s' has no tag", image)
  elseif tag == "latest" then
    say("image-tag", "error", "image '%s' is whatever is latest", image)
  end
end

function checks.limits(c, say)
  local r = c.resources or {}
  if not (r.limits or {}).memory then
    say("memory-limit", "error", "has no memory limit")
  end
  for _, what in ipairs { "cpu", "memory" } do
    if not (r.requests or {})[what] then
      say(what .. "-request", "warning", "requests no %s", what)
    end
  end
end

function checks.probes(c, say, doc, init)
  if init or not serves[doc.kind] then return end
  if not c.readinessProbe then
    say("readiness-probe", "error", "has no readiness probe")
  end
  if not c.livenessProbe then
    say("liveness-probe", "warning", "has no liveness probe")
  end
end

function checks.rights(c, say, _, _, pod)
  local own, all = c.securityContext or {}, pod.securityContext or {}
  if own.privileged then say("privileged", "error", "is privileged") end
  local user = own.runAsUser or all.runAsUser
  local non_root = own.runAsNonRoot
  if non_root == nil then non_root = all.runAsNonRoot end
  if user == 0 then
    say("root", "error", "runs as root")
  elseif not non_root and not user then
    say("root", "error", "may run as root: set runAsNonRoot")
  end
  if own.allowPrivilegeEscalation ~= false then
    say("privilege-escalation", "warning", "may gain privileges")
  end
end

local order = { "image", "limits", "probes", "rights" }

local function check_pod(doc, pod, say)
  for _, flag in ipairs { "hostNetwork", "hostPID", "hostIPC" } do
    if pod[flag] then say("host", "error", "shares the node's %s", flag:sub(5)) end
  end
  for _, v in ipairs(pod.volumes or {}) do
    if v.hostPath then say("host", "warning", "mounts the node's '%s'", tostring(v.hostPath.path)) end
  end
  for _, group in ipairs { "initContainers", "containers" } do
    for _, c in ipairs(pod[group] or {}) do
      local function say_of(rule, level, text, ...)
        say(rule, level, "container '%s' " .. text, tostring(c.name), ...)
      end
      for _, name in ipairs(order) do
        checks[name](c, say_of, doc, group == "initContainers", pod)
      end
    end
  end
end

local function check_replicas(doc, say)
  if doc.kind ~= "Deployment" and doc.kind ~= "Rollout" then return end
  local n = (doc.spec or {}).replicas
  if n == nil or n == 1 then
    say("replicas", "warning", "has a single replica: an update or a lost "
                               .. "node interrupts it")
  end
end

local function check(doc, path, all)
  local meta = doc.metadata or {}
  local waived = {}
  for rule in tostring((meta.annotations or {})["pipec.dev/ignore"] or "")
      :gmatch("[%w-]+") do
    waived[rule] = true
  end
  local function say(rule, level, text, ...)
    if waived[rule] then return end
    all[#all + 1] = { rule = rule, level = level, file = path,
                      message = ("%s '%s': %s"):format(doc.kind,
                        tostring(meta.name), text:format(...)) }
  end
  if not workloads[doc.kind] then return end
  local pod = pod_of(doc)
  if type(pod) ~= "table" then return end
  check_pod(doc, pod, say)
  check_replicas(doc, say)
end

function scanner.plan(s)
  return { "check the manifests of " .. tostring(s.path) }
end

function scanner.scan(s, ctx)
  local text
  if ctx.fs.kind(s.path) == "folder" then
    text = ctx.kustomize.build(s.path)
  else
    text = ctx.fs.read(s.path)
  end
  local all = {}
  for _, doc in ipairs(ctx.yaml.decode(text)) do
    if type(doc) == "table" then check(doc, s.path, all) end
  end
  return all
end

return scanner
