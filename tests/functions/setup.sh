#!/bin/sh
# Installs what the functions of the tests need: AWS's runtime client for Node.js, whose native part is built from the sources in
# its package (autoconf, automake, libtool, cmake, a C++ compiler; about two minutes the first time). Does nothing when the
# installed packages are those of the lock file.
set -e
cd "$(dirname "$0")/ric"
if [ -f node_modules/.weft-lock ] && cmp -s package-lock.json node_modules/.weft-lock; then
  exit 0
fi
# Headers that came with node save fetching them.
prefix=$(dirname "$(dirname "$(node -p process.execPath)")")
if [ -f "$prefix/include/node/node.h" ]; then
  export npm_config_nodedir="$prefix"
fi
npm ci --no-audit --no-fund --loglevel=error
cp package-lock.json node_modules/.weft-lock
