# Splits the line into words as the shell does. Readline also splits at = and :, so what stands together on the
# line is put together again. Sets line_words, origins (where each began in COMP_WORDS) and behind (how much of the
# last word readline does not replace).
__carvos_split() {
  local rest=${COMP_LINE:0:COMP_POINT} part index gap last=''
  line_words=() origins=()
  for ((index = 0; index <= COMP_CWORD; index++)); do
    gap=${rest%%[![:space:]]*}
    rest=${rest#"$gap"}
    part=${COMP_WORDS[index]}
    if [[ $index -eq $COMP_CWORD || $rest != "$part"* ]]; then
      # The cursor may stand within a word: only what is before it counts.
      [[ $index -eq $COMP_CWORD && $part == "$rest"* ]] && part=$rest
    fi
    rest=${rest#"$part"}
    if [[ $index -gt 0 && -z $gap ]]; then
      line_words[${#line_words[@]} - 1]+=$part
    else
      line_words+=("$part")
      origins+=("$index")
    fi
    last=$part
  done
  [[ $last == *[!=:]* ]] || last=''
  current=${line_words[${#line_words[@]} - 1]}
  behind=$((${#current} - ${#last}))
}

# Adds the words that go on with what was typed, without the part that readline keeps.
__carvos_add() {
  local IFS=$' \t\n' word
  for word in $1; do
    [[ $word == "$typed"* ]] || continue
    word=$before$word
    COMPREPLY+=("${word:behind}")
  done
}

__carvos_paths() {
  local kind=$1 path
  # Words and paths together only where nothing needs quotes; else readline's own completion does it right.
  if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
    if [[ $kind == folder ]]; then
      compopt -o dirnames 2>/dev/null && return
    else
      compopt -o default 2>/dev/null && return
    fi
  fi
  [[ $typed == *[!A-Za-z0-9._/-]* ]] && return
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do
    [[ $kind == folder && ! -d $path ]] && continue
    path=$before$path
    COMPREPLY+=("${path:behind}")
  done < <(compgen -f -- "$typed")
}

# Another program's line begins at the given word of COMP_WORDS.
__carvos_command() {
  local offset=${origins[$1]} path
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$offset"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$offset"
  elif [[ $COMP_CWORD -eq $offset ]]; then
    while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen -c -- "$typed")
  else
    __carvos_paths file
  fi
}

_carvos() {
  local IFS=$' \t\n' current behind commands flags valued passes words paths list
  local place='' taking='' ended='' count=0 index word last typed before=''
  local -a line_words origins
  COMPREPLY=()
  __carvos_split
  __carvos_table ''
  last=$((${#line_words[@]} - 1))
  for ((index = 1; index < last; index++)); do
    word=${line_words[index]}
    if [[ -n $taking ]]; then
      taking=''
    elif [[ -n $ended || $word != -?* ]]; then
      if [[ -n $passes ]]; then
        typed=$current
        __carvos_command "$index"
        return
      fi
      if [[ $count -eq 0 && " $commands " == *" $word "* && $word != *' '* && -n $word ]]; then
        place=${place:+$place }$word
        __carvos_table "$place"
      else
        count=$((count + 1))
      fi
    elif [[ $word == -- ]]; then
      ended=1
    elif [[ " $valued " == *" $word "* ]]; then
      taking=$word
    fi
  done

  # A quote that is still open is readline's own business.
  typed=$current
  if [[ $typed == [\"\']* ]]; then
    typed=${typed:1}
    behind=0
  fi
  if [[ -z $taking && -z $ended && $typed == --*=* ]]; then
    taking=${typed%%=*}
    [[ " $valued " == *" $taking "* ]] || return
    before=$taking=
    typed=${typed#*=}
  fi
  if [[ -n $taking ]]; then
    __carvos_value "$place $taking"
    if [[ -n $list && $typed == *,* ]]; then
      before=$before${typed%,*},
      typed=${typed##*,}
    fi
  elif [[ -z $ended && $typed == -* ]]; then
    __carvos_add "$flags"
    return
  elif [[ -n $passes ]]; then
    __carvos_command "$last"
    return
  else
    __carvos_value "$place $((count + 1))"
    [[ $count -eq 0 && -z $ended ]] && __carvos_add "$commands"
  fi
  __carvos_add "$words"
  [[ -n $paths ]] && __carvos_paths "$paths"
  return 0
}

complete -F _carvos carvos
