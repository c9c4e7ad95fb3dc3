"""`pybake completion SHELL`: the script that makes a shell ask `pybake __complete`."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")

BASH = r"""# pybake completion for bash: put `source <(pybake completion bash)` into ~/.bashrc
_pybake() {
    local answer candidates=() line files=
    COMPREPLY=()
    mapfile -t answer < <(pybake __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    for line in "${answer[@]}"; do
        if [[ $line == ":files" ]]; then files=1; continue; fi
        line=${line%%$'\t'*}
        if [[ $line == --*=* && ${COMP_WORDBREAKS} == *=* ]]; then line=${line#*=}; fi
        candidates+=("$line")
    done
    if ((${#candidates[@]})); then mapfile -t COMPREPLY < <(printf '%q\n' "${candidates[@]}"); fi
    if [[ -n $files ]]; then
        local current=${COMP_WORDS[COMP_CWORD]}
        compopt -o filenames 2>/dev/null
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${current#=}")
    elif ((${#candidates[@]} == 1)) && [[ ${candidates[0]} == *[=.] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -F _pybake pybake
"""

ZSH = r"""#compdef pybake
# pybake completion for zsh: put `source <(pybake completion zsh)` into ~/.zshrc, behind compinit
_pybake() {
    local -a answer candidates
    local line value files
    answer=("${(@f)$(pybake __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    for line in $answer; do
        if [[ $line == ":files" ]]; then files=1; continue; fi
        value=${line%%$'\t'*}
        if [[ $line == *$'\t'* ]]; then
            candidates+=("${value//:/\\:}:${line#*$'\t'}")
        else
            candidates+=("${value//:/\\:}")
        fi
    done
    if (( $#candidates )); then _describe -V 'pybake' candidates; fi
    if [[ -n $files ]]; then _files; fi
}
compdef _pybake pybake
"""

FISH = r"""# pybake completion for fish: pybake completion fish > ~/.config/fish/completions/pybake.fish
function __pybake_complete
    set -l answer (pybake __complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
    for line in $answer
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo -- $line
        end
    end
end
complete -c pybake -f -a '(__pybake_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the completion script for bash, zsh or fish.

    It completes commands, options, their values, builders, and the targets and groups of the bake file.

    bash: `source <(pybake completion bash)` in ~/.bashrc. zsh: the same in ~/.zshrc, after compinit. fish:
    `pybake completion fish > ~/.config/fish/completions/pybake.fish`.
    """
    print(SCRIPTS[shell], end="")
    return 0
