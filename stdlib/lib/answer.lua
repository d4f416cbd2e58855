-- What metric providers have in common: how they ask, and how an answer is
-- read. Errors tell the server's origin and own words, never what follows the
-- origin in a URL: that may hold a key.
local M = {}

local BODY_MAX = 8 << 20 -- bytes of an answer
local RAW_MAX = 16 << 10 -- bytes of an answer that are kept as evidence
local WORDS_MAX = 200    -- bytes of a server's words that are told

function M.origin(url)
  return url:match("^%a+://[^/?#@]*@?[^/?#@]*") and
         url:gsub("^(%a+://)[^/?#@]*@", "%1"):match("^%a+://[^/?#]*") or "it"
end

-- The start of a text, on one line.
function M.words(text)
  local line = text:gsub("%s+", " "):match("^%s*(.-)%s*$")
  if #line > WORDS_MAX then line = line:sub(1, WORDS_MAX) .. "…" end
  return line
end

-- Sends q, a request as of ctx.http, with the access that p's fields give.
function M.ask(p, ctx, q)
  q.token = q.token or p.token
  q.username, q.password = p.username, p.password
  q.ca, q.cert, q.key = p.ca, p.cert, p.key
  q.timeout, q.ok, q.max = p.timeout, "any", BODY_MAX
  return ctx.http.request(q)
end

-- The answer's JSON, which has to be an object or a list.
function M.json(ctx, who, r)
  local ok, body = pcall(ctx.json.decode, r.body)
  if ok and type(body) == "table" then return body end
  ctx.fail("%s answered %d, and no JSON: %s", who, r.status, M.words(r.body))
end

-- A table, or else a failure: answers are not believed to have a shape.
function M.table_of(ctx, who, v, what)
  if type(v) == "table" then return v end
  ctx.fail("%s answered without %s", who, what)
end

-- A number as servers write it, in JSON or in a text; nil: it is none.
function M.number(v)
  if type(v) == "number" then return v end
  if type(v) ~= "string" then return nil end
  local word = v:lower():gsub("^%+", "")
  if word == "nan" then return 0 / 0 end
  if word == "inf" or word == "infinity" then return math.huge end
  if word == "-inf" or word == "-infinity" then return -math.huge end
  return word:match("^%-?[%d.]") and tonumber(word) or nil
end

-- null of a list arrives as userdata.
function M.absent(v) return v == nil or type(v) == "userdata" end

-- The numbers of a list that may have gaps, where there was null.
function M.present(t)
  local last, list = 0, {}
  for i in pairs(t) do last = math.max(last, i) end
  for i = 1, last do
    if type(t[i]) == "number" then list[#list + 1] = t[i] end
  end
  return list
end

-- No value, the one, or the list of them.
function M.values(list)
  if #list <= 1 then return list[1] end
  return list
end

-- Evidence, as long as it may be.
function M.raw(text)
  if #text <= RAW_MAX then return text end
  return text:sub(1, RAW_MAX) .. "…"
end

return M
