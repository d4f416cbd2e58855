" Syntax of .pipeline files, after grammar/pipeline.ebnf. It knows no kind by
" name: what begins a statement is one.

if exists('b:current_syntax')
  finish
endif

let s:save = &cpoptions
set cpoptions&vim

syntax case match
syntax iskeyword @,48-57,_,-

syntax cluster pipelineExpr contains=pipelineComment,pipelineString,pipelineRaw,
      \pipelineHeredoc,pipelineHeredocRaw,pipelineNumber,pipelineNamed,
      \pipelineConstant,pipelineList,pipelineGroup,pipelineMap,pipelineMember,
      \pipelineCall,pipelineOperator,pipelineWordOperator
syntax cluster pipelineTop contains=@pipelineExpr,pipelineBlock,pipelineKind,
      \pipelineBinding,pipelineDefine,pipelineOff

" Statements
syntax match pipelineKind /\%(^\|[;{]\|\/-\)\@1<=\s*\zs\h\k*\%(\.\h\k*\)*/
syntax match pipelineBinding /\%(^\|[;{]\|\/-\)\@1<=\s*\zs\%(let\|param\|secret\)\k\@!/
      \ nextgroup=pipelineBound skipwhite
syntax match pipelineBound contained /\h\k*/ nextgroup=pipelineTypeColon skipwhite
syntax match pipelineTypeColon contained /:/ nextgroup=pipelineType skipwhite
syntax match pipelineType contained /\h\k*\%((\%(\h\k*\|[(), ]\)*)\)\=/
syntax match pipelineDefine /\%(^\|[;{]\|\/-\)\@1<=\s*\zsdefine\k\@!/
      \ nextgroup=pipelineDefined skipwhite
syntax match pipelineDefined contained /\h\k*/ nextgroup=pipelineParameters skipwhite
syntax region pipelineParameters contained matchgroup=pipelineBracket start=/(/
      \ end=/)/ contains=@pipelineExpr,pipelineParameter
syntax match pipelineParameter contained /\h\k*\ze\s*:/ nextgroup=pipelineTypeColon skipwhite
syntax match pipelineOff /\%(^\|[;{]\)\@1<=\s*\zs\/-/
syntax region pipelineBlock matchgroup=pipelineBracket start=/{/ end=/}/
      \ contains=@pipelineTop transparent fold

" Expressions
syntax region pipelineMap matchgroup=pipelineBracket
      \ start=/\%([=,:(\[?]\s*\)\@<={/ end=/}/ contains=@pipelineExpr,pipelineKey
syntax match pipelineKey contained /\h\k*\ze\s*:/
syntax region pipelineList matchgroup=pipelineBracket start=/\[/ end=/\]/
      \ contains=@pipelineExpr
syntax region pipelineGroup matchgroup=pipelineBracket start=/(/ end=/)/
      \ contains=@pipelineExpr
syntax match pipelineOperator /==\|!=\|<=\|>=\|=\~\|&&\|||\|[-+*\/%!<>?]/
syntax match pipelineWordOperator /\<in\>/
syntax match pipelineConstant /\.\@1<!\<\%(true\|false\|none\)\>/
syntax match pipelineNamed /\<\h\k*\ze\s*=[=~]\@!/
syntax match pipelineMember /\.\s*\h\k*/
syntax match pipelineCall /\<\h\k*\ze(/
syntax match pipelineNumber
      \ /[0-9A-Za-z_.]\@1<!\d[0-9_]*\%(\.\d[0-9_]*\)\=\%([eE][+-]\=\d[0-9_]*\)\=\%(%\|\a\w*\)\=/

" Texts
syntax region pipelineString start=/"/ end=/"/ oneline
      \ contains=pipelineEscape,pipelineBadEscape,pipelineInterpolation
syntax region pipelineRaw start=/'/ end=/'/ oneline
syntax match pipelineBadEscape contained /\\./
syntax match pipelineEscape contained /\\\%([nrte\\"']\|u{\x\{1,6}}\)/
syntax match pipelineHeredocEscape contained /\\\\(\@=/
syntax region pipelineInterpolation contained matchgroup=pipelineDelimiter
      \ start=/\\(/ end=/)/ oneline contains=@pipelineExpr
syntax region pipelineHeredoc start=/<<\~\z(\w\+\)/rs=s end=/^\s*\z1\s*$/
      \ contains=pipelineHeredocStart,pipelineInterpolation,pipelineHeredocEscape
syntax region pipelineHeredocRaw start=/<<\~'\z(\w\+\)'/rs=s
      \ end=/^\s*\z1\s*$/ contains=pipelineHeredocStart
" The rest of the marker's line is code again.
syntax region pipelineHeredocStart contained matchgroup=pipelineMarker
      \ start=/<<\~'\=\w\+'\=/ end=/$/ oneline contains=@pipelineTop

" After all that a '#' may stand in.
syntax match pipelineComment /#.*$/ contains=pipelineTodo,@Spell
syntax keyword pipelineTodo contained TODO FIXME XXX NOTE

syntax sync minlines=200

highlight default link pipelineKind Statement
highlight default link pipelineBinding StorageClass
highlight default link pipelineDefine StorageClass
highlight default link pipelineBound Identifier
highlight default link pipelineDefined Type
highlight default link pipelineParameter Identifier
highlight default link pipelineType Type
highlight default link pipelineOff PreProc
highlight default link pipelineKey Identifier
highlight default link pipelineNamed Identifier
highlight default link pipelineMember Identifier
highlight default link pipelineCall Function
highlight default link pipelineOperator Operator
highlight default link pipelineWordOperator Operator
highlight default link pipelineConstant Constant
highlight default link pipelineNumber Number
highlight default link pipelineString String
highlight default link pipelineRaw String
highlight default link pipelineHeredoc String
highlight default link pipelineHeredocRaw String
highlight default link pipelineMarker Delimiter
highlight default link pipelineDelimiter Delimiter
highlight default link pipelineEscape SpecialChar
highlight default link pipelineHeredocEscape SpecialChar
highlight default link pipelineBadEscape Error
highlight default link pipelineComment Comment
highlight default link pipelineTodo Todo

let b:current_syntax = 'pipeline'
let &cpoptions = s:save
unlet s:save
