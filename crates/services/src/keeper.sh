# Keeps one server: starts it, passes signals on to its processes, and ends it together with its owner.
#
#     sh -c "$(cat keeper.sh)" keeper FOLDER LOG COMMAND…
#
# The owner holds the other end of standard input and writes one order a line; each is answered by one line. When that
# end is closed, by the owner or by the kernel because the owner is gone, the server is killed and its folder removed.
# It leads a session of its own, so that neither the owner's terminal nor a stopped server brings it down.

folder=$1
log=$2
shift 2
server=

# A handler, and not '', which the server would inherit.
trap : HUP INT PIPE TERM

# Whether the server is there: our child, and not merely waiting to be buried.
runs() {
    stat=
    { read -r stat <"/proc/$server/stat"; } 2>/dev/null
    case $stat in
        *") Z "*) return 1 ;;
        *") "?" $$ "*) return 0 ;;
        *) return 1 ;;
    esac
}

# Adds a process and its descendants to $family. Each is stopped before its children are listed, so that none is missed.
add_tree() {
    kill -s STOP "$1" 2>/dev/null
    family="$family $1"
    for list in "/proc/$1/task/"*/children; do
        children=
        { read -r children <"$list"; } 2>/dev/null
        for child in $children; do add_tree "$child"; done
    done
}

# Adds a process that lost its parent: it is of our session, or at work in our folder if it leads one of its own, as the
# handler of Chromium's crashes may.
add_orphan() {
    stat=
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null
    rest=${stat##*") "}
    pid=$1
    # state, parent, group, session
    set -- $rest
    if [ "$1" = Z ] || [ "$2" = "$$" ] || [ "$pid" = "$$" ]; then return; fi
    if [ "$4" = "$$" ] || [ "/proc/$pid/cwd" -ef "$folder" ]; then
        case " $family " in
            *" $pid "*) ;;
            *) add_tree "$pid" ;;
        esac
    fi
}

# Stops all processes of the server and puts them into $family.
gather() {
    family=
    if runs; then add_tree "$server"; fi
    for process in /proc/[0-9]*; do add_orphan "${process#/proc/}"; done
}

# Whether a process still has files and memory.
lives() {
    stat=
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null
    case $stat in
        '' | *") Z "* | *") X "*) return 1 ;;
        *) return 0 ;;
    esac
}

# A process that was just being started when its parent was stopped is found by the next round.
kill_all() {
    rounds=0
    gather
    while [ -n "$family" ] && [ "$rounds" -lt 1000 ]; do
        kill -s KILL $family 2>/dev/null
        if [ -n "$server" ]; then wait "$server" 2>/dev/null; fi
        for process in $family; do
            while lives "$process" && [ "$rounds" -lt 1000 ]; do
                sleep 0.01
                rounds=$((rounds + 1))
            done
        done
        rounds=$((rounds + 1))
        gather
    done
}

while read -r order signal; do
    case $order in
        start)
            "$@" </dev/null >>"$log" 2>&1 &
            server=$!
            echo "$server"
            ;;
        signal)
            if runs; then kill -s "$signal" "$server"; fi
            echo signalled
            ;;
        pause)
            gather
            echo paused
            ;;
        resume)
            gather
            if [ -n "$family" ]; then kill -s CONT $family 2>/dev/null; fi
            echo resumed
            ;;
        kill)
            kill_all
            echo killed
            ;;
    esac
done
kill_all
rm -rf "$folder"
