local kind = pipec.kind "thing" {
  doc = "A thing.",
  fields = { colour = { "string", deprecated = true, doc = "use paint" } },
}
function kind.run() end
return kind
