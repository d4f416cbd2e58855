local kind = pipec.kind "notify" {
  doc = "Tells people or machines what happened.",
  anonymous = true,
  args = { { "text", "string", optional = true, doc = "short for message" } },
  fields = {
    message = { "string", doc = "what to say" },
    slack = { "secret(string)", ["repeat"] = true, effects = { "network" },
              doc = "address of an incoming webhook" },
    webhook = { args = { { "url", "secret(string)" } },
                fields = {
                  method = { "string", default = "POST", doc = "HTTP method" },
                  header = { "map(secret(string))", doc = "HTTP headers" },
                  body = { "any", doc = "JSON; default: what is known of the run" },
                }, ["repeat"] = true, doc = "an HTTP request",
                effects = { "network" } },
    retries = { "int", default = 3, min = 0, max = 100, doc = "further tries when one fails" },
  },
}

function kind.plan(stage)
  local text = tostring(stage.message or stage.text or "")
  local lines = {}
  for _ = 1, #(stage.slack or {}) do
    lines[#lines + 1] = "tell Slack: " .. text
  end
  for _, w in ipairs(stage.webhook or {}) do
    lines[#lines + 1] = ("%s to %s: %s"):format(tostring(w.method),
                                                tostring(w.url), text)
  end
  if #lines == 0 then lines[1] = "say: " .. text end
  return lines
end

local function send(ctx, what, key, request, retries)
  request.ok = "any"
  ctx.effect("http", key, { what = what }, function()
    local last
    for try = 0, retries do
      if try > 0 then ctx.sleep(500 * 2 ^ (try - 1)) end
      local ok, r = pcall(ctx.http.request, request)
      if ok and r.status < 300 then return { status = r.status } end
      last = ok and ("%s answered %d"):format(what, r.status) or r
      if ok and r.status < 500 and r.status ~= 429 then break end
    end
    ctx.fail("%s", last)
  end)
end

function kind.run(stage, ctx)
  local text = stage.message or stage.text or stage.name
  for i, url in ipairs(stage.slack or {}) do
    send(ctx, "Slack", "slack " .. i, { method = "POST", url = url,
         json = { text = text } }, stage.retries)
  end
  for i, w in ipairs(stage.webhook or {}) do
    local request = { method = w.method, url = w.url, headers = w.header }
    if w.method ~= "GET" then
      request.json = w.body or { text = text, stage = stage.name,
                                 run = ctx.vars.run and ctx.vars.run.id,
                                 git = ctx.vars.git }
    end
    send(ctx, "the webhook", "webhook " .. i, request, stage.retries)
  end
  ctx.log("%s", text)
end

return kind
