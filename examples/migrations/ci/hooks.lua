local hooks = {}

function hooks.report(stage, ctx)
  ctx.log.info(("schema at version %d"):format(stage.outputs.version))
end

return hooks
