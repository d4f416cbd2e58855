return { tell = function(stage, ctx) ctx.k8s.get("pods") end }
