#!/bin/bash
# The live view in a real terminal: wide, narrow, resized, and without colour.
. "$(dirname "$0")/lib.sh"
socket=$work/tmux servers=0
T() { tmux -S "$socket" -f /dev/null "$@"; }
end() { T kill-server 2>/dev/null; finish; }
trap end EXIT
screen() { T capture-pane -p -t v | sed 's/ *$//' >log; }
shows() { # shows TEXT: waits until the screen does
    for _ in $(seq 300); do
        screen
        grep -qF -- "$1" log && return 0
        sleep 0.1
    done
    echo "# not on the screen: $1"
    return 1
}
view() { # view COLUMNS ROWS ENV...: the pipeline in a new terminal
    T kill-server 2>/dev/null
    rm -f go
    # One that is ending still answers on its socket, for a moment.
    servers=$((servers + 1)) socket=$work/tmux.$servers
    T new-session -d -x "$1" -y "$2" -s v "cd '$work' && env ${*:3} '$PIPEC' run t.pipeline; echo ended \$?; sleep 600"
}
cat >t.pipeline <<'P'
run quite-a-long-name-for-a-stage {
  run "for i in 1 2 3 4 5; do echo line $i of what it prints, which is longer than this window is wide ääää; done; until [ -e go ]; do sleep 0.1; done; echo over"
}
run short { run "echo hello; until [ -e go ]; do sleep 0.1; done" }
P
view 100 20; shows '    line 5 of what' && says '> quite-a-long-name-for-a-stage' '    line 3 of what' '> short' '    hello' && ! grep -q 'line 2' log; ok 'what runs, with its last lines'
touch go; shows 'ended 0' && says 'short | passed' '2 passed' && ! grep -q '^>\|line' log; ok 'and nothing of it is left in the end'
view 30 10; shows 'line 5' && [ "$(grep -c '^>' log)" = 2 ] && grep -q '^> quite-a-long-name-fo[a-z-]*  [0-9]' log; ok 'a narrow window cuts names and lines'
touch go; shows 'ended 0' && ! grep -q '^>' log; ok 'and is clean afterwards'
view 100 20; shows 'line 5'
for x in 99 95 60 40; do T resize-window -t v -x $x -y 20; sleep 0.4; done
shows 'line 5 of what it prints, which is' && [ "$(grep -c '^> short' log)" = 1 ] && [ "$(grep -c 'line 5' log)" = 1 ]; ok 'a window may become narrower'
T resize-window -t v -x 90 -y 20; shows 'line 5 of what it prints, which is longer than'; touch go
shows 'ended 0' && ! grep -q '^>\|line\|hello' log; ok 'and wider, and nothing is left'
view 80 20 TERM=dumb; touch go; shows 'ended 0' && says 'short | hello' 'quite-a-long-name-for-a-stage | over'; ok 'a dumb terminal gets plain lines'
view 80 20 NO_COLOR=1; touch go; shows 'ended 0'; T capture-pane -e -p -t v | grep -q "$(printf '\033')"; [ $? = 1 ]; ok 'NO_COLOR means none'
view 80 20; shows '> short'; T send-keys -t v C-c; shows 'interrupted: stopping in order' && shows ' interrupted in '; ok 'Ctrl-C is told'
printf 'run bg { run "until [ -e go ]; do sleep 0.1; done" }\napprove yes { within 1m }\n' >t.pipeline
view 80 20; shows '(y or n, then Enter)' && shows '> bg' && T send-keys -t v y Enter && shows 'yes | approved by' && touch go && shows 'ended 0' && ! grep -q '^>' log; ok 'an approval is given on the spot, and leaves no trace in the view'
done_testing
