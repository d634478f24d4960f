#!/usr/bin/env bash
# Times the lists of a v1 file against decompressing it, all in one run.
#
#   benches/lists.sh FILE [ROUNDS]
#
# Prints, for each command, the median of the seconds, its ratio to the median of `zstd -dcq`, and the peak of resident
# memory. Needs bash, zstd, GNU time and awk; builds nothing: `cargo build --release` comes first.
set -euo pipefail

file=${1:?usage: benches/lists.sh FILE [ROUNDS]}
rounds=${2:-5}
baton=${BATON:-$(dirname "$0")/../target/release/baton}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The first resource that holds something, for `access`.
who=$("$baton" grants -f "$file" -o tsv --columns principal_type,principal_id --no-headers --limit 1)

names=(zstd 'grants -o csv' 'grants -o ndjson' 'grants -o tsv' 'grants -o json' 'grants' 'grants | head -5' 'access' 'resources -o csv' 'resources -o json' 'entitlements -o csv' 'principals -o csv' 'stats' 'syncs' 'check --fail-on never' 'check --fail-on never -o json')

run() {
    case $1 in
    zstd) tail -c +6 "$file" | zstd -dcq >/dev/null ;;
    'grants | head -5') "$baton" grants -f "$file" 2>/dev/null | head -5 >/dev/null ;;
    access) "$baton" access -t "${who%%$'\t'*}" -r "${who#*$'\t'}" -f "$file" >/dev/null 2>&1 ;;
    *) # shellcheck disable=SC2086
        "$baton" $1 -f "$file" >/dev/null 2>&1 ;;
    esac
}
export -f run
export file baton who

for ((round = 0; round < rounds; round++)); do
    for name in "${names[@]}"; do
        log="$work/${name//[^a-z0-9]/_}"
        begun=$EPOCHREALTIME
        command time -o "$work/peak" -f '%M' bash -c 'run "$1"' _ "$name"
        echo "$(((${EPOCHREALTIME/./} - ${begun/./}))) $(cat "$work/peak")" >>"$log"
    done
done

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
base=$(awk '{ print $1 }' "$work/zstd" | median)
printf '%-30s %8s %7s %8s\n' command seconds ratio 'peak MB'
for name in "${names[@]}"; do
    log="$work/${name//[^a-z0-9]/_}"
    micros=$(awk '{ print $1 }' "$log" | median)
    peak=$(awk '{ if ($2 > most) most = $2 } END { printf "%d", most / 1024 }' "$log")
    awk -v n="$name" -v s="$micros" -v b="$base" -v p="$peak" \
        'BEGIN { printf "%-30s %8.3f %7.2f %8d\n", n, s / 1e6, s / b, p }'
done
