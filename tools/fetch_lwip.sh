#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches lwIP from Debian 13's source package; the firmware's own build compiles what it needs of it.
#
#   tools/fetch_lwip.sh               fetch it when it is not there
#   tools/fetch_lwip.sh --print-tree  print where it is; exit 1 when it is not there
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${TAILOR_CACHE:-$HOME/.cache/tailor}
. "$root/tools/debian_source.sh"

present_tree() {
  local found
  found=$(compgen -G "$cache/sources/lwip-2.*" | grep -v '\.new$' | sort -V | tail -1) || true
  [ -n "$found" ] && echo "$found"
}

case ${1:-} in
  --print-tree) present_tree; exit ;;
  "") ;;
  *) echo "usage: tools/fetch_lwip.sh [--print-tree]" >&2; exit 2 ;;
esac

mkdir -p "$cache"
exec 9> "$cache/.mbedtls.lock"
flock 9
tree=$(present_tree || true)
[ -n "$tree" ] || tree=$(fetch_source lwip '^2\.[2-9]')
echo "lwIP: $tree"
