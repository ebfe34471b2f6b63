# SPDX-License-Identifier: MIT
# Completion of gemmule for fish. Checked against the command's tables by tests/cli/run_manual.py.

function __gemmule_names --description 'Names of a kind in the graph on the command line'
    for word in (commandline -opc)
        if string match -qr '\.ya?ml$' -- $word
            gemmule show $word --names $argv[1] 2>/dev/null
            return
        end
    end
end

function __gemmule_pairs
    set -l name (string match -r '^[^=]*=' -- (commandline -ct | string replace -r '^--[a-z]+=' ''))
    if test -z "$name"
        __gemmule_names $argv[1] | string replace -r '$' =
        return
    end
    for value in $argv[2..-1]
        echo $name$value
    end
    if contains -- zeros $argv; or contains -- files $argv
        for file in *.npy
            echo $name$file
        end
    end
end

function __gemmule_without_command
    not __fish_seen_subcommand_from show draw run plan check new ops help
end

complete -c gemmule -f
complete -c gemmule -s h -l help -d 'Print help'
complete -c gemmule -l no-color -d 'No colours'
complete -c gemmule -n __gemmule_without_command -l version -d 'Print the version'
complete -c gemmule -n __gemmule_without_command -a show -d 'Print the nodes with shapes, parameters and flops'
complete -c gemmule -n __gemmule_without_command -a draw -d 'Draw the graph'
complete -c gemmule -n __gemmule_without_command -a run -d 'Run the graph on values'
complete -c gemmule -n __gemmule_without_command -a plan -d 'Print what a run will execute'
complete -c gemmule -n __gemmule_without_command -a check -d 'Check every shape'
complete -c gemmule -n __gemmule_without_command -a new -d 'Write a graph to start from'
complete -c gemmule -n __gemmule_without_command -a ops -d 'List the operations, or tell all about one'
complete -c gemmule -n __gemmule_without_command -a help -d 'Tell the commands, or all about one or an operation'

set -l graphs '__fish_seen_subcommand_from show draw run plan check'
complete -c gemmule -n "$graphs" -k -a '(__fish_complete_suffix .yaml)'
complete -c gemmule -n "$graphs" -l data-root -x -a '(__fish_complete_directories)' -d 'Where data files lie'
complete -c gemmule -n '__fish_seen_subcommand_from new' -F
complete -c gemmule -n '__fish_seen_subcommand_from ops help' -a '(gemmule help --names ops 2>/dev/null)'
complete -c gemmule -n '__fish_seen_subcommand_from help' -a '(gemmule help --names commands 2>/dev/null)'
complete -c gemmule -n '__fish_seen_subcommand_from show run plan check ops help' -l json -d 'Print JSON'
complete -c gemmule -n '__fish_seen_subcommand_from ops' -l example -d 'Print a graph that uses the operation'
complete -c gemmule -n '__fish_seen_subcommand_from help' -l names -x -a 'commands ops kernels passes' -d 'Print only names'
complete -c gemmule -n '__fish_seen_subcommand_from show' -l names -x -a 'nodes placeholders variables constants symbols outputs' -d 'Print only names'
complete -c gemmule -n '__fish_seen_subcommand_from draw' -s o -l out -r -k -a '(__fish_complete_suffix .svg)' -d 'Write a picture or its text'

set -l plans '__fish_seen_subcommand_from run plan'
complete -c gemmule -n "$plans" -l dim -x -a '(__gemmule_pairs symbols)' -d 'The length of a symbol'
complete -c gemmule -n "$plans" -l threads -x -d 'At most so many threads'
complete -c gemmule -n "$plans" -l kernel -x -a '(gemmule help --names kernels 2>/dev/null)' -d 'What computes products'
complete -c gemmule -n "$plans" -l without -x -a '(gemmule help --names passes 2>/dev/null)' -d 'Leave out a pass'
complete -c gemmule -n "$plans" -l exact -d 'No rewrite that can change a rounding'

set -l run '__fish_seen_subcommand_from run'
complete -c gemmule -n "$run" -l feed -x -a '(__gemmule_pairs placeholders zeros ones random)' -d 'The value of a placeholder'
complete -c gemmule -n "$run" -l fetch -x -a '(__gemmule_names nodes)' -d 'A node to print'
complete -c gemmule -n "$run" -s o -l out -r -F -d 'Write outputs to files'
complete -c gemmule -n "$run" -l expect -x -a '(__gemmule_pairs nodes files)' -d 'Compare an output with a file'
complete -c gemmule -n "$run" -l rtol -x -d 'Relative tolerance'
complete -c gemmule -n "$run" -l atol -x -d 'Absolute tolerance'
complete -c gemmule -n "$run" -l check-structure -d 'Verify what assume promises'
