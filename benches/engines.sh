#!/usr/bin/env bash
# Times the same questions on the same data in both kinds of files, all in one run.
#
#   benches/engines.sh V1FILE V3FILE [ROUNDS]
#
# Prints, for each command, the median of the seconds on either file, the ratio of the second to the first, and the peak of
# resident memory on the second. Needs bash, GNU time and awk; builds nothing: `cargo build --release` comes first.
set -euo pipefail

v1=${1:?usage: benches/engines.sh V1FILE V3FILE [ROUNDS]}
v3=${2:?usage: benches/engines.sh V1FILE V3FILE [ROUNDS]}
rounds=${3:-5}
baton=${BATON:-$(dirname "$0")/../target/release/baton}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

names=('grants -o csv' 'grants -o json' 'grants -o ndjson' 'grants | head -5' 'resources -o csv' 'entitlements -o csv' stats syncs version)

run() {
    case $1 in
    'grants | head -5') "$baton" grants -f "$2" 2>/dev/null | head -5 >/dev/null ;;
    *) # shellcheck disable=SC2086
        "$baton" $1 -f "$2" >/dev/null 2>&1 ;;
    esac
}
export -f run
export baton

once() {
    local begun=$EPOCHREALTIME
    command time -o "$work/peak" -f '%M' bash -c 'run "$1" "$2"' _ "$1" "$2"
    echo "$((${EPOCHREALTIME/./} - ${begun/./})) $(cat "$work/peak")" >>"$work/$3"
}

for ((round = 0; round < rounds; round++)); do
    for name in "${names[@]}"; do
        once "$name" "$v1" "v1 ${name//[^a-z0-9]/_}"
        once "$name" "$v3" "v3 ${name//[^a-z0-9]/_}"
    done
done

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
printf '%-20s %8s %8s %7s %8s\n' command 'v1 sec' 'v3 sec' ratio 'peak MB'
for name in "${names[@]}"; do
    key=${name//[^a-z0-9]/_}
    one=$(awk '{ print $1 }' "$work/v1 $key" | median)
    two=$(awk '{ print $1 }' "$work/v3 $key" | median)
    peak=$(awk '{ if ($2 > most) most = $2 } END { printf "%d", most / 1024 }' "$work/v3 $key")
    awk -v n="$name" -v a="$one" -v b="$two" -v p="$peak" \
        'BEGIN { printf "%-20s %8.3f %8.3f %7.2f %8d\n", n, a / 1e6, b / 1e6, b / a, p }'
done
