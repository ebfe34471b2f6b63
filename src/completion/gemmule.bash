# SPDX-License-Identifier: MIT
# Completion of gemmule for bash. Checked against the command's tables by tests/cli/run_manual.py.

_gemmule_options() {
  local always='-h --help --no-color'
  case $1 in
    show) echo "--data-root --names --json $always" ;;
    draw) echo "-o --out --data-root $always" ;;
    run) echo "--feed --fetch --dim -o --out --expect --rtol --atol --threads --kernel --without --exact
      --check-structure --data-root --json $always" ;;
    plan) echo "--dim --threads --kernel --without --exact --data-root --json $always" ;;
    check) echo "--data-root --json $always" ;;
    new) echo "$always" ;;
    ops) echo "--example --json $always" ;;
    help) echo "--names --json $always" ;;
  esac
}

# Names of a kind in the graph that stands on the command line.
_gemmule_names() {
  local word
  for word in "${COMP_WORDS[@]:2}"; do
    case $word in
      *.yaml | *.yml) "${COMP_WORDS[0]}" show "$word" --names "$1" 2>/dev/null && return ;;
    esac
  done
}

_gemmule_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

# Folders, and files that match one of the patterns.
_gemmule_files() {
  local current=$1 pattern
  shift
  mapfile -t COMPREPLY < <(compgen -d -- "$current"; for pattern; do compgen -f -X "!$pattern" -- "$current"; done)
  compopt -o filenames 2>/dev/null
}

# NAME=VALUE: names with '=' until there is one, then what $3 says and the files that match $4.
_gemmule_pair() {
  local current=$1
  if [[ $current != *=* ]]; then
    _gemmule_words "$(_gemmule_names "$2" | sed 's/$/=/')" "$current"
    compopt -o nospace 2>/dev/null
    return
  fi
  _gemmule_words "$3" "${current#*=}"
  [[ -z $4 ]] || mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -X "!$4" -- "${current#*=}")
  [[ $COMP_WORDBREAKS == *=* ]] || COMPREPLY=("${COMPREPLY[@]/#/${current%%=*}=}")
}

_gemmule() {
  local cur prev pair command=${COMP_WORDS[1]} i
  cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _gemmule_words 'show draw run plan check new ops help --help --version --no-color -h' "$cur"
    return
  fi
  # bash breaks words at '=': put NAME = VALUE together again.
  pair=$cur i=$COMP_CWORD
  while ((i > 2)) && [[ ${COMP_WORDS[i]} == = || ${COMP_WORDS[i - 1]} == = ]]; do
    pair=${COMP_WORDS[i - 1]}$pair prev=${COMP_WORDS[i - 2]} i=$((i - 1))
  done
  [[ $cur != = ]] || cur=
  case $prev in
    --feed) _gemmule_pair "$pair" placeholders 'zeros ones random' '*.npy' ;;
    --expect) _gemmule_pair "$pair" nodes '' '*.npy' ;;
    --dim) _gemmule_pair "$pair" symbols '' '' ;;
    --fetch) _gemmule_words "$(_gemmule_names nodes)" "$cur" ;;
    --kernel) _gemmule_words "$("${COMP_WORDS[0]}" help --names kernels 2>/dev/null)" "$cur" ;;
    --without) _gemmule_words "$("${COMP_WORDS[0]}" help --names passes 2>/dev/null)" "$cur" ;;
    --names)
      if [[ $command == help ]]; then
        _gemmule_words 'commands ops kernels passes' "$cur"
      else
        _gemmule_words 'nodes placeholders variables constants symbols outputs' "$cur"
      fi
      ;;
    --data-root)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      compopt -o filenames 2>/dev/null
      ;;
    -o | --out)
      if [[ $command == draw ]]; then _gemmule_files "$cur" '*.svg' '*.dot'; else _gemmule_files "$cur" '*.npy'; fi
      ;;
    --rtol | --atol | --threads) ;;
    *)
      if [[ $cur == -* ]]; then
        _gemmule_words "$(_gemmule_options "$command")" "$cur"
      elif [[ $command == ops || $command == help ]]; then
        _gemmule_words "$("${COMP_WORDS[0]}" help --names ops 2>/dev/null)
          $([[ $command == ops ]] || echo show draw run plan check new ops help)" "$cur"
      else
        _gemmule_files "$cur" '*.yaml' '*.yml'
      fi
      ;;
  esac
}

complete -F _gemmule gemmule
