#!/bin/sh
# Measure the broadcast peers: ceiling without limits, pace under limits, kill -9 half-way.
# Usage: bench/run_broadcasts.sh bench/data/broadcast.jsonl [REPEAT]
set -eu
cd "$(dirname "$0")/.."
out=$1
mkdir -p "$(dirname "$out")"
repeat=${2:-3}
python=${PYTHON:-bench/.venv/bin/python}
peer="$python bench/peers/broadcast.py"

measure() {
    label=$1 count=$2 options=$3
    shift 3
    BENCH_DATA_DIR=$(mktemp -d)
    export BENCH_DATA_DIR
    "$python" -m bench.broadcast_load --label "$label" --expect "$count" --json "$out" \
        --start "$peer --count $count $options" "$@" >/dev/null
    rm -r "$BENCH_DATA_DIR"
}

for _ in $(seq "$repeat"); do
    measure "ceiling: aiogram loop" 3000 "--framework aiogram"
    measure "ceiling: PTB loop" 3000 "--framework ptb"
    measure "ceiling: aiogram, 30 workers, SQL journal" 3000 "--framework aiogram --workers 30 --journal sql"
done
limited="--enforce-limits --max-seconds 18"
measure "limited: aiogram loop, sleep(0.05)" 2000 "--framework aiogram --rate 20" $limited
measure "limited: aiogram, 10 workers paced at 30/s" 2000 "--framework aiogram --rate 30 --workers 10" $limited
measure "limited: aiogram, 30 workers, no pace" 2000 "--framework aiogram --workers 30" $limited
measure "limited: PTB AIORateLimiter 30/s" 2000 "--framework ptb --rate 30 --workers 30" $limited
measure "killed: aiogram, no journal" 2000 "--framework aiogram" --kill-at 0.5
measure "killed: PTB, no journal" 2000 "--framework ptb" --kill-at 0.5
measure "killed: aiogram, SQL journal" 2000 "--framework aiogram --journal sql" --kill-at 0.5
measure "killed: aiogram, SQL journal, 30 workers" 2000 "--framework aiogram --workers 30 --journal sql" --kill-at 0.5
