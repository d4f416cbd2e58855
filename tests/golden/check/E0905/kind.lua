local kind = pipec.kind "thing" { doc = "x" 
return kind
