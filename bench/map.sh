#!/bin/bash
# Children per second of one Distributed Map, durable, beside a peer measured in the same run.
#   bench/map.sh [--children N] [--no-peer]
# Prints Weft's figures for N and 10 N children of one Pass state and N of one Task, N of each in JSONPath, N Express ones of
# each, what tracing costs the calls of a Task (answered in the process, and by processes of a function), what single executions
# and the validation of a large definition cost at a client (bench/machines.mjs), then the peer's (Restate: one durable step a
# child, from $WEFT_SHARED/tools/peers, when that folder is there) and the ratio.
set -euo pipefail
cd "$(dirname "$0")/.."
children=100000
peer=yes
while [ $# -gt 0 ]; do
  case $1 in
    --children) children=${2:?--children needs a number}; shift 2 ;;
    --no-peer) peer=no; shift ;;
    *) echo "bench/map.sh: unknown option $1" >&2; exit 2 ;;
  esac
done
bench=build/release/bin/bench_map
shared=${WEFT_SHARED:-../shared}

echo "$(nproc) cores, $(uname -sr), $(date -u +%F)"
"$bench" --children "$children" --kind pass
"$bench" --children "$((children * 10))" --kind pass
"$bench" --children "$children" --kind task
"$bench" --children "$children" --kind pass --language jsonpath
"$bench" --children "$children" --kind task --language jsonpath
"$bench" --children "$children" --kind pass --type express
"$bench" --children "$children" --kind task --type express

# Three times each, in turns, because a machine's speed changes; the best of each counts.
tracing() {
  local off=() on=()
  for _ in 1 2 3; do
    off+=("$("$bench" --children "$2" --kind "$1" --json)")
    on+=("$("$bench" --children "$2" --kind "$1" --traced --json)")
  done
  node -e '
    const [kind, ...runs] = process.argv.slice(1);
    const best = some => Math.max(...some.map(text => JSON.parse(text).childrenPerSec));
    const [off, on] = [best(runs.slice(0, 3)), best(runs.slice(3))];
    console.log(`tracing of a ${kind}: ${on} children/s with, ${off} without: ${(100 * (on / off - 1)).toFixed(1)} %`);
  ' "$1" "${off[@]}" "${on[@]}"
}
tracing task "$children"
tracing function "$((children / 5))"

node bench/machines.mjs

[ "$peer" = yes ] || exit 0
if [ ! -d "$shared/tools/peers/restate" ]; then
  echo "no peer: $shared/tools/peers is missing (WEFT_SHARED may point elsewhere)"
  exit 0
fi
mkdir -p build/peers
[ -d build/peers/restate ] || cp -r "$shared/tools/peers/restate" build/peers/restate
(cd build/peers/restate && [ -d node_modules ] || npm ci --ignore-scripts --silent --no-audit --no-fund)
ours=$("$bench" --children "$children" --kind pass --json)
theirs=$(cd build/peers/restate && ./run.sh 20000 chunked 500 | tail -1)
echo "restate: $theirs"
node -e '
  const [ours, theirs] = process.argv.slice(1).map(text => JSON.parse(text));
  console.log(`ratio: ${(ours.childrenPerSec / theirs.childrenPerSec).toFixed(1)} ` +
    `(weft ${ours.childrenPerSec}/s, restate ${theirs.childrenPerSec}/s)`);' "$ours" "$theirs"
