#!/usr/bin/env bash
# Times `baton-demo generate` against the `sqlite3` shell importing the same grants, all in one run.
#
#   benches/generate.sh [GRANTS] [ROUNDS]
#
# Makes a company with about GRANTS grants (1000000), takes its rows of v1_grants out as CSV, and has the shell `.import` them
# into the same empty table with all its indexes, in one transaction, with the settings of our writer: 64 MB of page
# cache, nothing synced, the journal in memory. Prints the median of the seconds of ROUNDS (3) rounds, the ratio, and the
# peak of resident memory.
#
# CSV holds no blobs, so each stands as a text of as many bytes. It holds no NULL either: what is NULL is imported as an
# empty text, and the one index of rows "where expansion is not null" is made of rows "where expansion <> ''", which
# are the same ones.
#
# Needs bash, zstd, sqlite3, GNU time and awk, and room for three times the decoded file in $TMPDIR; builds nothing: `cargo
# build --release` comes first.
set -euo pipefail

grants=${1:-1000000}
rounds=${2:-3}
demo=${BATON_DEMO:-$(dirname "$0")/../target/release/baton-demo}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

users=$((grants / 20))
generate() {
    "$demo" generate -f "$work/made.c1z" --force --users "$users" --groups $((users / 20)) --roles $((users / 150)) \
        --repos $((users / 6)) --grants-per-user 20 2>/dev/null
}

import() {
    rm -f "$work/imported.db"
    sqlite3 -bail "$work/imported.db" >/dev/null <<SQL
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = MEMORY;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
BEGIN;
.read '$work/schema.sql'
.import --csv '$work/grants.csv' v1_grants
COMMIT;
SQL
}

# The rows as CSV, and the table with its indexes.
extract() {
    tail -c +6 "$work/made.c1z" | zstd -dcq >"$work/made.db"
    sqlite3 -bail -readonly -csv "$work/made.db" "
        SELECT id, resource_type_id, resource_id, entitlement_id, principal_resource_type_id,
            principal_resource_id, external_id, substr(hex(expansion), 1, length(expansion)), needs_expansion,
            substr(hex(data), 1, length(data)), sync_id, discovered_at
        FROM v1_grants ORDER BY id" >"$work/grants.csv"
    sqlite3 -bail -readonly "$work/made.db" "
        SELECT replace(sql, 'expansion is not null', 'expansion <> ''''') || ';'
        FROM sqlite_schema WHERE tbl_name = 'v1_grants' ORDER BY rowid" >"$work/schema.sql"
    size "$work/made.db" >"$work/size"
    rm "$work/made.db"
}

# Rows, and bytes of all their values: what has to be the same.
size() {
    sqlite3 -bail -readonly "$1" "
        SELECT count(*), sum(length(data) + coalesce(length(expansion), 0) + length(external_id)),
            sum(needs_expansion) FROM v1_grants"
}

run() {
    local begun=$EPOCHREALTIME
    command time -o "$work/peak" -f '%M' bash -c "$1"
    echo "$((${EPOCHREALTIME/./} - ${begun/./})) $(cat "$work/peak")" >>"$work/$1.log"
}
export -f generate import
export demo work users

for ((round = 0; round < rounds; round++)); do
    run generate
    [[ -e $work/grants.csv ]] || extract
    run import
done
if [[ $(size "$work/imported.db") != "$(cat "$work/size")" ]]; then
    echo "the shell has not imported the same rows" >&2
    exit 1
fi

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
base=$(awk '{ print $1 }' "$work/import.log" | median)
printf '%s grants\n%-20s %8s %7s %8s\n' "$(cut -d'|' -f1 "$work/size")" command seconds ratio 'peak MB'
for name in import generate; do
    micros=$(awk '{ print $1 }' "$work/$name.log" | median)
    peak=$(awk '{ if ($2 > most) most = $2 } END { printf "%d", most / 1024 }' "$work/$name.log")
    awk -v n="$name" -v s="$micros" -v b="$base" -v p="$peak" \
        'BEGIN { printf "%-20s %8.2f %7.2f %8d\n", n, s / 1e6, s / b, p }'
done
