autocmd BufNewFile,BufRead *.pipeline setfiletype pipeline
