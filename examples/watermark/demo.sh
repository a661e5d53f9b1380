#!/bin/bash
# The demo behind `make demo`: pictures, one run of watermark.asl.json, and a check of the result.
set -euo pipefail
cd "$(dirname "$0")/../.."

function_directory=examples/watermark/function
if ! cmp -s "$function_directory/package-lock.json" "$function_directory/node_modules/.weft-lock"; then
  echo "Installing the function's npm packages (sharp, @aws-sdk/client-s3) ..."
  npm ci --prefix "$function_directory" --no-audit --no-fund --loglevel=error >/dev/null
  cp "$function_directory/package-lock.json" "$function_directory/node_modules/.weft-lock"
fi
examples/watermark/pictures.sh demo-data/photos
rm -rf demo-data/watermarked demo-data/weft
mkdir -p demo-data/watermarked

command=(build/release/bin/weft run examples/watermark/watermark.asl.json
  --input '{"from": "photos", "to": "watermarked"}'
  --bucket photos=demo-data/photos
  --bucket watermarked=demo-data/watermarked
  --function "watermark=$function_directory/handler.mjs:handler,concurrency=2,timeout=60"
  --data demo-data/weft)
printf '\n$'; printf ' %q' "${command[@]}"; printf '\n\n'
"${command[@]}"
echo
node examples/watermark/check.mjs demo-data/photos demo-data/watermarked
