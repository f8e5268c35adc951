#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds Mbed TLS 3.6 from Debian 13's source package with our configuration, for this machine and for Cortex-M3.
#
#   tools/build_mbedtls.sh                 build what is missing; quick when nothing is
#   tools/build_mbedtls.sh --print-prefix  print where it is; exit 1 when it is not built
#
# The source comes through apt: a temporary source list is derived from this machine's own apt configuration (same
# mirrors, same keyring, suites renamed to Debian 13's), so apt checks the archive's signatures. Any 3.6.x is taken:
# a security update may remove the patch level that another machine has. Everything stays below $TAILOR_CACHE.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${TAILOR_CACHE:-$HOME/.cache/tailor}
suite=trixie
configs="$root/crypto_backends/psa"

# The prefix is named after all that decides its content; compilers are not part of it (a new one needs no rebuild).
recipe_hash() {
  cat "$root/tools/build_mbedtls.sh" "$root/tools/mbedtls/CMakeLists.txt" "$root/cmake/toolchains/cortex-m3.cmake" \
    "$configs"/mbedtls_config_*.h | sha256sum | cut -c1-12
}

# The newest 3.6.x that was built with this recipe, or nothing.
built_prefix() {
  local found
  found=$(compgen -G "$cache/mbedtls-3.6.*-$(recipe_hash)" | sort -V | tail -1) || true
  [ -n "$found" ] && [ -e "$found/host/.complete" ] && echo "$found"
}

# Prints one deb-src line for each of this machine's Debian sources, renamed to $suite.
derive_source_list() {
  local codename
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:?}")
  {
    # deb822: a stanza is one record; continuation lines are joined.
    find /etc/apt/sources.list.d -name '*.sources' -exec sh -c 'for f; do cat "$f"; echo; done' sh {} + 2>/dev/null | awk -v RS= '
      { n = split($0, lines, "\n"); key = ""; delete field
        for (i = 1; i <= n; ++i) {
          if (lines[i] ~ /^#/) continue
          if (lines[i] ~ /^[ \t]/) { field[key] = field[key] " " lines[i]; continue }
          at = index(lines[i], ":"); key = tolower(substr(lines[i], 1, at - 1)); field[key] = substr(lines[i], at + 1) }
        if (tolower(field["enabled"]) ~ /no/) next
        gsub(/^[ \t]+|[ \t]+$/, "", field["signed-by"])
        options = (field["signed-by"] ~ /^\//) ? "[signed-by=" field["signed-by"] "] " : ""
        u = split(field["uris"], uris, /[ \t]+/); s = split(field["suites"], suites, /[ \t]+/)
        for (a = 1; a <= u; ++a) for (b = 1; b <= s; ++b)
          if (uris[a] != "" && suites[b] != "") print options uris[a], suites[b], field["components"] }'
    # One-line style: "deb [options] uri suite components".
    { cat /etc/apt/sources.list || true; find /etc/apt/sources.list.d -name '*.list' -exec cat {} +; } 2>/dev/null |
      sed -n -E 's/^[[:space:]]*deb[[:space:]]+//p'
  } | awk -v from="$codename" -v to="$suite" '
      { options = ""; rest = $0
        if (match(rest, /^\[[^]]*\] */)) { options = substr(rest, 1, RLENGTH); rest = substr(rest, RLENGTH + 1) }
        n = split(rest, word, /[ \t]+/)
        if (n < 3 || rest !~ /[ \t]main([ \t]|$)/) next
        if (word[2] != from && word[2] != from "-security" && word[2] != from "-updates") next
        sub(from, to, word[2]); print "deb-src " options word[1], word[2], "main" }' | sort -u
}

# Fetches and unpacks the newest 3.6.x of the suite into $cache/sources; prints the tree's path.
fetch_source() {
  local work=$cache/sources/apt version tree
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  derive_source_list > "$work/deb-src.list"
  [ -s "$work/deb-src.list" ] || { echo "no Debian source found in this machine's apt configuration" >&2; return 1; }
  local options=(-q -o "Dir::Etc::SourceList=$work/deb-src.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Get::List-Cleanup=0)
  apt-get "${options[@]}" update >&2
  version=$(apt-cache "${options[@]}" showsrc mbedtls | sed -n 's/^Version: //p' | grep '^3\.6\.' | sort -V | tail -1)
  [ -n "$version" ] || { echo "no Mbed TLS 3.6.x among the source packages of $suite" >&2; return 1; }
  tree=$cache/sources/mbedtls-$version
  if [ ! -e "$tree" ]; then
    (cd "$work" && apt-get "${options[@]}" source --download-only "mbedtls=$version" >&2)
    rm -rf "$tree.new"
    dpkg-source --no-copy -x "$work/mbedtls_${version#*:}.dsc" "$tree.new" >&2
    mv "$tree.new" "$tree"
  fi
  echo "$tree"
}

# build_flavour TREE PREFIX FLAVOUR CONFIG [cmake arguments]
build_flavour() {
  local tree=$1 prefix=$2 flavour=$3 config=$4
  shift 4
  [ -e "$prefix/$flavour/.complete" ] && return 0
  local build=$prefix/build-$flavour launcher=()
  command -v ccache > /dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
  rm -rf "$build"
  cmake -S "$root/tools/mbedtls" -B "$build" -G Ninja "-DMBEDTLS_SOURCE=$tree" "-DTAILOR_MBEDTLS_CONFIG=$config" \
    "-DCMAKE_INSTALL_PREFIX=$prefix/$flavour" "${launcher[@]}" "$@" >&2
  cmake --build "$build" >&2
  cmake --install "$build" > /dev/null
  rm -rf "$build"
  touch "$prefix/$flavour/.complete"
}

case ${1:-} in
  --print-prefix) built_prefix; exit ;;
  "") ;;
  *) echo "usage: tools/build_mbedtls.sh [--print-prefix]" >&2; exit 2 ;;
esac

mkdir -p "$cache"
exec 9> "$cache/.mbedtls.lock"
flock 9
has_arm=no
command -v arm-none-eabi-gcc > /dev/null && has_arm=yes
prefix=$(built_prefix || true)
if [ -n "$prefix" ] && [ -e "$prefix/device-on-host/.complete" ] && { [ -e "$prefix/cortex-m3/.complete" ] || [ "$has_arm" = no ]; }; then
  echo "Mbed TLS: $prefix"
  exit 0
fi
if [ -n "$prefix" ]; then
  name=${prefix##*/mbedtls-}
  tree=$cache/sources/mbedtls-${name%-*}
fi
[ -n "${tree:-}" ] && [ -e "$tree" ] || tree=$(fetch_source)
prefix=$cache/mbedtls-${tree##*/mbedtls-}-$(recipe_hash)
build_flavour "$tree" "$prefix" host mbedtls_config_host.h -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_FLAGS_RELEASE=-O2"
# The microcontroller's configuration on this machine, so that tests run it.
build_flavour "$tree" "$prefix" device-on-host mbedtls_config_device.h -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_FLAGS_RELEASE=-O2"
if [ "$has_arm" = yes ]; then
  build_flavour "$tree" "$prefix" cortex-m3 mbedtls_config_device.h -DCMAKE_BUILD_TYPE=MinSizeRel "-DCMAKE_C_FLAGS_MINSIZEREL=-Os" \
    "-DCMAKE_TOOLCHAIN_FILE=$root/cmake/toolchains/cortex-m3.cmake"
else
  echo "arm-none-eabi-gcc is not installed: Mbed TLS was not built for Cortex-M3" >&2
fi
echo "Mbed TLS: $prefix"
