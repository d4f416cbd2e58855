local provider = pipec.provider "http" {
  doc = "A value out of a JSON document that an HTTP server returns; where it "
        .. "returns something else, and no path is asked for, its text.",
  args = { { "url", "string" } },
  fields = {
    path = { "string", doc = "where in the document: data.items[0].rate, or a "
             .. "JSONPath as kubectl has it: {.items[?(@.name==\"a\")].rate}; "
             .. "of several that fit, the first" },
    method = { "string", default = "GET" },
    body = { "any", doc = "a text is sent as it is, all else as JSON; with "
                          .. "method=POST or the like" },
    timeout = { "duration", default = "10s" },
  },
  access = true,
  effects = { "network" },
}

function provider.plan(p)
  return { ("measure by %s %s"):format(tostring(p.method),
            pipec.lib("answer").origin(tostring(p.url))) }
end

function provider.measure(p, ctx)
  local lib = pipec.lib("answer")
  local who = lib.origin(p.url)
  local text = type(p.body) == "string"
  if p.body ~= nil and (p.method == "GET" or p.method == "HEAD") then
    ctx.fail("a %s has no body: say method=POST", p.method)
  end
  local r = lib.ask(p, ctx, { method = p.method, url = p.url, headers = p.header,
    body = text and p.body or nil, json = not text and p.body or nil })
  if r.status < 200 or r.status > 299 then
    ctx.fail("%s answered %d: %s", who, r.status, lib.words(r.body))
  end
  local ok, value = pcall(ctx.json.decode, r.body, true)
  if not ok then
    if p.path then ctx.fail("%s answered no JSON: %s", who, lib.words(r.body)) end
    local words = r.body:match("^%s*(.-)%s*$")
    if words == "" then return nil, "" end
    return lib.number(words) or words, lib.raw(words)
  end
  if p.path then value = pipec.lib("jsonpath").get(value, p.path) end
  return value, lib.raw(ctx.json.encode(value))
end

return provider
