# fish completion for carvos @VERSION@. Written by `carvos completion fish`; do not edit.

# What belongs to one command: its subcommands, and its flags that take a value.
function __carvos_table --no-scope-shadowing
    set commands
    set valued
    set passes
    switch "$argv[1]"
# @TABLES@
    end
end

# Reads the line up to the cursor: __carvos_path is the command it is at, __carvos_number counts the arguments,
# __carvos_rest is where another program's line begins. Every condition asks, so one line is read once.
function __carvos_read
    set -l line (commandline -cp | string collect)
    test "$line" = "$__carvos_line"; and return
    set -g __carvos_line $line
    set -g __carvos_path ''
    set -g __carvos_number 1
    set -g __carvos_rest 0
    set -l commands
    set -l valued
    set -l passes
    set -l taking 0
    set -l ended 0
    set -l index 1
    __carvos_table ''
    set -l tokens (commandline -opc)
    for token in $tokens[2..-1]
        set index (math $index + 1)
        if test $taking = 1
            set taking 0
        else if test $ended = 1; or not string match -q -- '-?*' $token
            if set -q passes[1]
                set -g __carvos_rest $index
                return
            end
            if test $__carvos_number = 1; and contains -- $token $commands
                set -g __carvos_path (string trim -- "$__carvos_path $token")
                __carvos_table $__carvos_path
            else
                set -g __carvos_number (math $__carvos_number + 1)
            end
        else if test "$token" = --
            set ended 1
            set -q passes[1]; and set -g __carvos_rest (math $index + 1)
        else if contains -- $token $valued
            set taking 1
        end
    end
end

# Whether the cursor is at this command and, if a number is given, at this argument (2+: the second or later).
function __carvos_at
    __carvos_read
    test "$__carvos_path" = "$argv[1]"; and test $__carvos_rest = 0; or return 1
    set -q argv[2]; or return 0
    if string match -q '*+' $argv[2]
        test $__carvos_number -ge (string trim -c + $argv[2])
    else
        test $__carvos_number = $argv[2]
    end
end

function __carvos_passes
    __carvos_read
    test "$__carvos_path" = "$argv[1]"
end

# Another program's line: fish completes it as if it stood alone.
function __carvos_command
    if test $__carvos_rest = 0
        __fish_complete_command
        return
    end
    set -l tokens (commandline -opc) (commandline -ct)
    set -l own (string escape -- $tokens[$__carvos_rest..-2]) $tokens[-1]
    complete -C "$own"
end

# Words with commas between.
function __carvos_list
    set -l before (commandline -ct | string replace -r '^--[^=]*=' '' | string replace -r '[^,]*$' '')
    string join \n -- $before$argv
end

complete -c carvos -f
