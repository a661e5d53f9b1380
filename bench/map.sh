#!/bin/bash
# Children per second of one Distributed Map, durable, beside a peer measured in the same run.
#   bench/map.sh [--children N] [--no-peer]
# Prints Weft's figures for N and 10 N children of one Pass state and N of one Task, then the peer's (Restate: one durable step
# a child, from $WEFT_SHARED/tools/peers, when that folder is there) and the ratio.
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
