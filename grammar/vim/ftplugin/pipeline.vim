if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal comments=:# commentstring=#\ %s
setlocal shiftwidth=2 softtabstop=2 expandtab
setlocal iskeyword+=-
if executable('pipec')
  setlocal formatprg=pipec\ fmt\ -
  setlocal makeprg=pipec\ check\ %:S
  setlocal errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%-G%.%#
endif

let b:undo_ftplugin = 'setlocal comments< commentstring< shiftwidth<'
      \ . ' softtabstop< expandtab< iskeyword< formatprg< makeprg< errorformat<'
