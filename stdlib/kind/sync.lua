local kind = pipec.kind "sync" {
  doc = "Waits until a GitOps controller has deployed a revision and reports "
        .. "it healthy.",
  fields = {
    argocd = { args = { { "url", "string", doc = "of the API server" },
                        { "app", "string", doc = "the Application" } },
               fields = {
                 revision = { "string", doc = "the commit that must be live" },
                 token = { "secret(string)", doc = "API token" },
                 refresh = { "bool", default = true,
                             doc = "ask it to look at Git now" },
                 sync = { "bool", default = false, doc = "start a sync" },
               }, required = true, doc = "an Argo CD application" },
    healthy = { fields = { within = { "duration", min = 1, default = "5m",
                                      doc = "give up after this long" } },
                doc = "wait for health, not only for the revision" },
    within = { "duration", min = 1, default = "10m", doc = "give up after this long" },
    every = { "duration", min = 1, default = "3s", doc = "time between two looks" },
  },
  outputs = { revision = "string", health = "string" },
  effects = { "network" },
}

function kind.plan(stage)
  local a = stage.argocd
  local lines = { ("wait until Argo CD application %s is synced%s"):format(
    tostring(a.app),
    a.revision and " to " .. tostring(a.revision) or "") }
  if stage.healthy then
    lines[2] = "and healthy within " .. pipec.duration(stage.healthy.within)
  end
  return lines
end

local function look(ctx, a, query)
  local headers = { Accept = "application/json" }
  if a.token then headers.Authorization = "Bearer " .. a.token end
  local r = ctx.http.get(("%s/api/v1/applications/%s%s"):format(
    a.url:gsub("/$", ""), ctx.uri(a.app), query), { headers = headers,
                                                      ok = "any" })
  if r.status == 200 then return ctx.json.decode(r.body) end
  if r.status == 401 or r.status == 403 then
    ctx.fail("Argo CD refuses: %d; is the token right?", r.status)
  elseif r.status == 404 then
    ctx.fail("Argo CD has no application '%s'", a.app)
  end
  return nil, ("Argo CD answered %d"):format(r.status)
end

-- Synced to a revision means: compared after our refresh, equal to it, and no
-- operation still under way.
local function judge(app, a, want_health)
  local status = app.status or {}
  local sync, op = status.sync or {}, status.operationState or {}
  local health = (status.health or {}).status or "Unknown"
  if op.phase == "Failed" or op.phase == "Error" then
    local wanted = op.syncResult and op.syncResult.revision
    if not a.revision or wanted == a.revision then
      return "failed", op.message or "the sync failed"
    end
  end
  if op.phase == "Running" or op.phase == "Terminating" then
    return "waiting", "a sync is under way"
  end
  if sync.status ~= "Synced" then
    return "waiting", "it is " .. tostring(sync.status or "unknown")
  end
  if a.revision and sync.revision ~= a.revision then
    return "waiting", "it is at " .. tostring(sync.revision):sub(1, 12)
  end
  if want_health and health ~= "Healthy" then
    return "waiting", "it is " .. health
  end
  return "done", health
end

function kind.run(stage, ctx)
  local a = stage.argocd
  if a.revision == "" then a.revision = nil end
  local limit = stage.within
  if stage.healthy then limit = math.min(limit, stage.healthy.within) end
  local deadline = ctx.now() + limit
  local query, why, last = a.refresh and "?refresh=normal" or "", nil, nil
  if a.sync then
    ctx.effect("http", "sync " .. a.app, { app = a.app }, function()
      ctx.http.post(("%s/api/v1/applications/%s/sync"):format(
        a.url:gsub("/$", ""), ctx.uri(a.app)), { revision = a.revision }, {
          headers = a.token and { Authorization = "Bearer " .. a.token } })
    end)
  end
  repeat
    local app, problem = look(ctx, a, query)
    query, why = "", problem
    if app then
      local state, detail = judge(app, a, stage.healthy ~= nil)
      if state == "done" then
        return { revision = app.status.sync.revision or "", health = detail }
      elseif state == "failed" then
        ctx.fail("Argo CD could not sync '%s': %s", a.app, detail)
      end
      why = detail
    end
    if why ~= last then ctx.log("waiting for %s: %s", a.app, why) end
    last = why
    ctx.sleep(stage.every)
  until ctx.now() > deadline
  ctx.fail("'%s' is not %s after %s: %s", a.app,
           stage.healthy and "healthy" or "synced", pipec.duration(limit), why)
end

return kind
