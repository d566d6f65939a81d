#compdef carvos
# zsh completion for carvos @VERSION@. Written by `carvos completion zsh`; do not edit.

# Each word with its description: name:description.
_carvos_words() {
  local -a offered=("$@")
  _describe -t values value offered
}

_carvos_words_or_files() {
  local ret=1
  _carvos_words "$@" && ret=0
  _files && ret=0
  return ret
}

# @FUNCTIONS@
if [[ $funcstack[1] == _carvos ]]; then
  _carvos "$@"
elif (( $+functions[compdef] )); then
  compdef _carvos carvos
else
  print -u2 'carvos completion: compinit comes first in .zshrc: autoload -Uz compinit && compinit'
fi
