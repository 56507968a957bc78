# shellcheck shell=sh disable=SC2154 # reads $root, $jdk and $command of ../../kiri
# The application image: a folder with all jars, each component's JVM flags and its start-up cache.
#
# An image never changes once it is there: it is named by a hash of what it holds, target/kiri points
# at the newest, and running programs keep theirs. A start-up cache (AOT) holds compiled classes and
# does not notice that a jar was replaced, so caches are made once, from jars that stay.

components='ztunnel waypoint controlplane redirect local cli bench'

main_class() {
  case $1 in
    ztunnel) echo dev.kiri.ztunnel.ZtunnelMain ;;
    waypoint) echo dev.kiri.waypoint.WaypointMain ;;
    controlplane) echo dev.kiri.controlplane.ControlPlaneMain ;;
    redirect) echo dev.kiri.redirect.RedirectMain ;;
    local) echo dev.kiri.local.Main ;;
    cli) echo dev.kiri.cli.Kirictl ;;
    bench) echo dev.kiri.bench.Main ;;
  esac
}

is_built() { [ -r "$root/target/kiri/complete" ]; }

# Folders are looked at too, since deleting a file changes nothing but its folder's time.
is_stale() {
  is_built && [ -e "$root/target/kiri.stamp" ] || return 0
  [ -n "$(find "$root/pom.xml" "$root"/*/pom.xml "$root"/*/src/main "$root/build" \
    -newer "$root/target/kiri.stamp" 2>/dev/null | head -n 1)" ]
}

build_if_stale() {
  is_stale || return 0
  wait_for_other_builds
  if is_stale; then build_now; fi
  release_build_lock
}

build() {
  wait_for_other_builds
  build_now
  release_build_lock
}

build_now() {
  say "building Kiri (log: target/build.log)"
  : >"$root/target/kiri.stamp.new"
  maven_quietly "$root/target/build.log" package -Dmaven.test.skip=true -pl '!it' ||
    fail "the build failed; all of it is in target/build.log"
  make_image
  mv "$root/target/kiri.stamp.new" "$root/target/kiri.stamp"
}

# Two builds at once would write the same classes. The lock ends with the process that holds it.
wait_for_other_builds() {
  mkdir -p "$root/target"
  has flock || return 0
  exec 9>"$root/target/build.lock"
  flock -n 9 || {
    say "waiting for another build of this checkout"
    flock 9
  }
}

release_build_lock() { exec 9>&-; }

make_image() {
  hash=$(image_hash)
  image=$root/target/images/$hash
  if [ ! -r "$image/complete" ]; then
    rm -rf "$image"
    mkdir -p "$image/lib" "$image/args" "$image/aot"
    copy_jars
    for each in $components; do write_flags "$each"; done
    make_caches
    echo "$hash" >"$image/complete"
  fi
  ln -sfn "images/$hash" "$root/target/kiri"
  touch "$image"
  remove_old_images
}

library_jars() { tr ':' '\n' <"$root/bench/target/class-path" | grep '\.jar$' | grep -v "^$root/"; }

our_jars() {
  for jar in "$root"/*/target/kiri-*.jar; do
    case $jar in *-tests.jar | "$root"/it/*) ;; *) printf '%s\n' "$jar" ;; esac
  done
}

image_hash() {
  {
    our_jars | while IFS= read -r jar; do sha256_of "$jar"; done
    library_jars
    cat "$root"/build/jvm/*.args "$root/build/launcher/UnsignedJars.java" "$jdk/release"
    echo "${KIRI_AOT:-yes}"
  } | sha256_of /dev/stdin | cut -c 1-16
}

# Libraries may be links into Maven's repository, where a file never changes. Ours do change: copies.
# Signed ones (BouncyCastle) lose their signatures: see UnsignedJars.
copy_jars() {
  library_jars | while IFS= read -r jar; do
    ln "$jar" "$image/lib/" 2>/dev/null || cp "$jar" "$image/lib/"
  done
  "$jdk/bin/java" -XX:TieredStopAtLevel=1 "$root/build/launcher/UnsignedJars.java" "$image/lib"
  our_jars | while IFS= read -r jar; do cp "$jar" "$image/lib/"; done
}

# All that java needs but the main class and arguments. A jar's manifest names the jars it needs.
write_flags() {
  jar=$(ls "$image"/lib/kiri-"$1"-*.jar)
  {
    cat "$root/build/jvm/common.args" "$root/build/jvm/$1.args"
    printf '\n-cp\n"%s"\n' "$jar"
  } >"$image/args/$1.args"
}

# Each component starts far enough to load its classes and leaves; what it loaded becomes the cache.
make_caches() {
  [ "${KIRI_AOT:-yes}" != no ] || return 0
  began=$(date +%s)
  printf '  %-14s' 'start-up cache' >&2
  for each in $components; do make_cache "$each" & done
  wait
  printf '%3d s\n' $(($(date +%s) - began)) >&2
  without=''
  for each in $components; do
    if [ -s "$image/aot/$each.aot" ]; then
      printf -- '-XX:AOTCache="%s"\n' "$image/aot/$each.aot" >>"$image/args/$each.args"
    else
      without="$without $each"
    fi
  done
  [ -z "$without" ] || say "  no start-up cache, so a slower start, for:$without (why: target/kiri/aot/*.log)"
}

make_cache() {
  cache=$image/aot/$1.aot
  main=$(main_class "$1")
  if ! grep -qF "$(echo "$main" | tr . /).class" "$image"/lib/kiri-"$1"-*.jar; then
    echo "there is no class $main" >"$image/aot/$1.log"
    return 0
  fi
  timeout 300 "$jdk/bin/java" "@$image/args/$1.args" "-XX:AOTCacheOutput=$cache.new" "$main" --aot-train \
    >"$image/aot/$1.log" 2>&1 </dev/null 9>&- || rm -f "$cache.new"
  # The kernel keeps a file in pieces as large as it was written in, and one touch maps a whole piece:
  # small ones keep out of a process what it does not use.
  [ ! -s "$cache.new" ] || dd if="$cache.new" of="$cache" bs=4096 2>/dev/null
  rm -f "$cache.new"
}

# How a program started here finds the image, its JDK and this launcher: whatever is built in the
# meantime, the programs it starts in turn run the very same jars.
export_image() {
  KIRI_IMAGE=$(readlink -f "$root/target/kiri") KIRI_JAVA_HOME=$jdk KIRI_COMMAND=$root/kiri
  export KIRI_IMAGE KIRI_JAVA_HOME KIRI_COMMAND
}

# Two older ones stay, and those that programs still run from: a mesh starts its parts again from its own.
remove_old_images() {
  # shellcheck disable=SC2012 # names made of hexadecimal digits, sorted by time
  ls -dt "$root"/target/images/* | tail -n +4 | while IFS= read -r old; do
    grep -qsF "$old/" /proc/[0-9]*/cmdline || rm -rf "$old"
  done
}

# run_tests [MODULE]: Maven's whole output, then the sum of what it ran.
run_tests() {
  mkdir -p "$root/target"
  case ${1:-all} in
    all | local | it | bench) # these start our processes
      build_if_stale
      export_image
      ;;
  esac
  : >"$root/target/test.stamp"
  outcome=0
  if [ $# -eq 0 ]; then maven -B -fae verify; else maven -B -fae verify -pl "$1" -am; fi || outcome=1
  echo
  sum_of_tests
  return $outcome
}

sum_of_tests() {
  find "$root"/*/target/surefire-reports -name 'TEST-*.xml' -newer "$root/target/test.stamp" \
    -exec sed -n 's/^<testsuite .* tests="\([0-9]*\)" errors="\([0-9]*\)" skipped="\([0-9]*\)" failures="\([0-9]*\)".*/\1 \2 \3 \4/p' {} + \
    2>/dev/null | awk '{ ran += $1; failed += $2 + $4; skipped += $3 }
      END { printf "%d passed, %d failed, %d skipped\n", ran - failed - skipped, failed, skipped }'
}
