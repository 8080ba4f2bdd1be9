/** The shells that completion is there for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

/** What a shell reads to complete the words of `gantry`: it asks `gantry __complete` at each key. */
export const completionScripts: Readonly<Record<Shell, string>> = {
  // Bash ends words at colons and equals signs, which belong to names and flags here: the line is read anew, and what
  // stands before the last of them is taken off again. 3.2 reads this, too.
  bash: String.raw`# gantry in bash: source <(gantry completion bash)
_gantry() {
  local line=${'$'}{COMP_LINE:0:COMP_POINT} breaks= prefix= words current value
  read -r -a words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current=${'$'}{words[${'$'}{#words[@]}-1]}
  [[ $COMP_WORDBREAKS == *:* ]] && breaks+=:
  [[ $COMP_WORDBREAKS == *=* ]] && breaks+==
  [[ -n $breaks && $current == *[$breaks]* ]] && prefix=${'$'}{current%"${'$'}{current##*[$breaks]}"}
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    COMPREPLY+=("${'$'}{value#"$prefix"}")
  done < <(gantry __complete "${'$'}{words[@]:1}" 2>/dev/null)
}
complete -o bashdefault -o default -F _gantry gantry
`,
  zsh: String.raw`#compdef gantry
# gantry in zsh: source <(gantry completion zsh), or this as _gantry in a folder of fpath
_gantry() {
  local -a found
  local line value
  for line in "${'$'}{(@f)$(gantry __complete "${'$'}{(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}"; do
    value=${'$'}{line%%$'\t'*}
    [[ -n $value ]] && found+=("${'$'}{value//:/\\:}:${'$'}{line#*$'\t'}")
  done
  if (( $#found )); then _describe gantry found; else _files; fi
}
if [[ ${'$'}{funcstack[1]} == _gantry ]]; then _gantry "$@"; else compdef _gantry gantry; fi
`,
  fish: String.raw`# gantry in fish: gantry completion fish | source
function __gantry_complete
    set --local words (commandline --tokenize --cut-at-cursor --current-process)
    set --erase words[1]
    set --local current (commandline --current-token --cut-at-cursor)
    set --local found (gantry __complete $words "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete --command gantry --no-files --arguments '(__gantry_complete)'
`,
};
