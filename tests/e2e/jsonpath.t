#!/bin/sh
# Paths into JSON, as kubectl's documentation has them, and what is refused.
. "$(dirname "$0")/lib.sh"
cat >doc.json <<'X'
{"kind":"List","items":[
  {"kind":"None","metadata":{"name":"127.0.0.1","labels":{"kubernetes.io/hostname":"127.0.0.1"}},"status":{"capacity":{"cpu":"4"},"addresses":[{"type":"LegacyHostIP","address":"127.0.0.1"}]}},
  {"kind":"None","metadata":{"name":"127.0.0.2"},"status":{"capacity":{"cpu":"8"},"addresses":[{"type":"LegacyHostIP","address":"127.0.0.2"},{"type":"another","address":"127.0.0.3"}]}}],
 "users":[{"name":"myself","user":{}},{"name":"e2e","user":{"username":"admin","password":"secret"}}],
 "n":[0,1,2,3,4,5],"odd.key":{"a b":1,"it's":2},"t":true,"f":false,"rate":0.25,"text":"1.2","none":null,"empty":[]}
X
cat >paths.lua <<'X'
local kind = pipec.kind "paths" { doc = "Tries paths.", fields = { doc = { "path", default = "doc.json" } } }
function kind.run(_, ctx)
  local lib, doc = pipec.lib("jsonpath"), ctx.json.decode(ctx.fs.read("doc.json"), true)
  for line in ctx.fs.read("cases"):gmatch("[^\n]+") do
    local path, want = line:match("^(.-)  +(.*)$")
    local ok, got = pcall(lib.all, doc, path)
    local text = ok and ctx.json.encode(ctx.json.array(got)) or tostring(got)
    ctx.log("%s", (text == want and "good " or "bad ") .. path .. " is " .. text)
  end
end
return kind
X
cat >cases <<'X'
{.kind}                                    ["List"]
$.kind                                     ["List"]
kind                                       ["List"]
{['kind']}                                 ["List"]
{@.kind}                                   ["List"]
{.items[*].metadata.name}                  ["127.0.0.1","127.0.0.2"]
{.items[0].metadata.name}                  ["127.0.0.1"]
{.items[-1].metadata.name}                 ["127.0.0.2"]
{.items[-1:].metadata.name}                ["127.0.0.2"]
{.users[*].name}                           ["myself","e2e"]
{.users[?(@.name=="e2e")].user.password}   ["secret"]
{.users[?(@.name == 'e2e')].user.username}  ["admin"]
{.users[?(@.user.username)].name}          ["e2e"]
{.items[?(@.status.capacity.cpu>"5")].metadata.name}  ["127.0.0.2"]
{..address}                                ["127.0.0.1","127.0.0.2","127.0.0.3"]
{.items[*].status.addresses[?(@.type=="another")].address}  ["127.0.0.3"]
{.items[*]['metadata.name','kind']}        ["None","None"]
{.items[0].metadata.labels.kubernetes\.io/hostname}  ["127.0.0.1"]
{.items[0].metadata.labels['kubernetes.io/hostname']}  ["127.0.0.1"]
{.n[1:3]}                                  [1,2]
{.n[:2]}                                   [0,1]
{.n[4:]}                                   [4,5]
{.n[-2:]}                                  [4,5]
{.n[0:6:2]}                                [0,2,4]
{.n[::3]}                                  [0,3]
{.n[0,2,-1]}                               [0,2,5]
{.n[?(@ > 3)]}                             [4,5]
{.n[?(@ != 0)]}                            [1,2,3,4,5]
{.n[?(3 <= @)]}                            [3,4,5]
{.n[7]}                                    []
{.none}                                    [null]
{.nothing.at.all}                          []
['odd.key']["a b"]                         [1]
['odd.key']['it\'s']                       [2]
{.odd\.key['a b']}                         [1]
{.t}                                       [true]
{.f}                                       [false]
{.rate}                                    [0.25]
{.text}                                    ["1.2"]
{.empty}                                   [[]]
{.empty[*]}                                []
{..cpu}                                    ["4","8"]
{..[?(@.type=="another")].address}         ["127.0.0.3"]
{.kind[0]}                                 []
{.items.metadata}                          []
{.kind                                     path '{.kind' cannot be read at '{.kind'
{.n[}                                      path '{.n[}' cannot be read at '['
{.n[a]}                                    path '{.n[a]}' cannot be read at 'a'
{.n[?(@ ~ 3)]}                             path '{.n[?(@ ~ 3)]}' cannot be read at '@ ~ 3)]'
{.n[::-1]}                                 a slice goes forward, by 1 or more
{.n[::0]}                                  a slice goes forward, by 1 or more
X
printf 'use "paths.lua"\npaths all\n' >t.pipeline
pipe t.pipeline; ended 0; ok 'paths are tried'
while read -r verdict what; do
    [ "$verdict" = good ]; ok "$what"
done <<X
$(sed -n 's/^all | \(good\|bad\) /\1 /p' log)
X
[ "$n" = "$(($(wc -l <cases) + 1))" ]; ok 'all of them'
done_testing
