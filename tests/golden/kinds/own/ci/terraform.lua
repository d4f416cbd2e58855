local kind = pipec.kind "terraform" {
  doc     = "Plans and applies a Terraform directory.",
  args    = { { "dir", "path", doc = "root module" } },
  fields  = { var = { "map(string)", doc = "input variables" },
              auto_apply = { "bool", default = false } },
  outputs = { changes = "int" },
  effects = { "exec", "network" },
}
function kind.plan(stage) return ("terraform plan in %s"):format(stage.dir) end
function kind.run(stage, ctx)
  local r = ctx.exec { "terraform", "plan", "-detailed-exitcode",
                       dir = stage.dir, ok = { 0, 2 } }
  return { changes = r.code == 2 and 1 or 0 }
end
return kind
