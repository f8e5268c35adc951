# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts that build from Debian 13's source packages. A temporary source list is derived from this
# machine's own apt configuration (same mirrors, same keyring, suites renamed), so apt checks the archive's signatures.
# Everything stays below $cache, which the caller sets.
suite=trixie

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

# fetch_source PACKAGE VERSIONS: fetches and unpacks the newest version that matches the regular expression into
# $cache/sources; prints the tree's path. A tree that is there already is used when the archive does not answer.
fetch_source() {
  local package=$1 versions=$2 work=$cache/sources/apt version tree
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  derive_source_list > "$work/deb-src.list"
  [ -s "$work/deb-src.list" ] || { echo "no Debian source found in this machine's apt configuration" >&2; return 1; }
  local options=(-q -o "Dir::Etc::SourceList=$work/deb-src.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Get::List-Cleanup=0)
  apt-get "${options[@]}" update >&2
  version=$(apt-cache "${options[@]}" showsrc "$package" | sed -n 's/^Version: //p' | grep -E "$versions" | sort -V | tail -1)
  [ -n "$version" ] || { echo "no $package that matches $versions among the source packages of $suite" >&2; return 1; }
  tree=$cache/sources/$package-$version
  if [ ! -e "$tree" ]; then
    (cd "$work" && apt-get "${options[@]}" source --download-only "$package=$version" >&2)
    rm -rf "$tree.new"
    dpkg-source --no-copy -x "$work/${package}_${version#*:}.dsc" "$tree.new" >&2
    mv "$tree.new" "$tree"
  fi
  echo "$tree"
}
