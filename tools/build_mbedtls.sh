#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds Mbed TLS 3.6 from Debian 13's source package with our configuration, for this machine and for Cortex-M3.
#
#   tools/build_mbedtls.sh                 build what is missing; quick when nothing is
#   tools/build_mbedtls.sh --print-prefix  print where it is; exit 1 when it is not built
#
# tools/debian_source.sh fetches it. Any 3.6.x is taken: a security update may remove the patch level that another
# machine has. Everything stays below $TAILOR_CACHE.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${TAILOR_CACHE:-$HOME/.cache/tailor}
configs="$root/crypto_backends/psa"

. "$root/tools/debian_source.sh"

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
[ -n "${tree:-}" ] && [ -e "$tree" ] || tree=$(fetch_source mbedtls '^3\.6\.')
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
