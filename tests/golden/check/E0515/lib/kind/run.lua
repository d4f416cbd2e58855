local kind = pipec.kind "run" { doc = "x", fields = { run = { "strng" } } }
return kind
