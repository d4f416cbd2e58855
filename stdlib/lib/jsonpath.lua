-- Paths into decoded JSON: data.items[0]["odd name"], with an optional '$' or
-- braces around, as in kubectl.
local M = {}

function M.get(value, path)
  local rest = path:gsub("^{(.*)}$", "%1"):gsub("^%$", "")
  while rest ~= "" do
    local key, index, more
    key, more = rest:match("^%.?([%w_-]+)(.*)$")
    if not key then
      index, more = rest:match("^%[(%-?%d+)%](.*)$")
      if not index then key, more = rest:match("^%[[\"']([^\"']+)[\"']%](.*)$") end
    end
    if not more then error(("path '%s' cannot be read at '%s'"):format(path, rest), 0) end
    if type(value) ~= "table" then
      error(("path '%s' leads nowhere"):format(path), 0)
    end
    if index then
      local i = tonumber(index)
      value = value[i < 0 and #value + 1 + i or i + 1]
    else
      value = value[key]
    end
    rest = more
  end
  if value == nil then error(("path '%s' leads nowhere"):format(path), 0) end
  return value
end

return M
