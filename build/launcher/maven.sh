# shellcheck shell=sh disable=SC2154 # reads $root, $jdk and $command of ../../kiri
# Runs Maven on the JDK found, and shows what it does.

oldest_maven=3.8.7
mvn=''

# Maven on the PATH if it is new enough, else the wrapper, which downloads one, else the system's.
find_maven() {
  [ -z "$mvn" ] || return 0
  if has mvn && maven_is_new_enough; then
    mvn=mvn
  elif wrapper_works; then
    mvn=$root/mvnw
  else
    install_packages maven
    maven_is_new_enough || fail_missing "Kiri is built by Maven $oldest_maven or newer." 'install it: https://maven.apache.org'
    mvn=mvn
  fi
}

wrapper_works() {
  { has curl || has wget; } && has unzip || return 1
  [ -d "${HOME:-/root}/.m2/wrapper/dists" ] || say "no Maven $oldest_maven or newer found: downloading one"
  JAVA_HOME=$jdk "$root/mvnw" -v >/dev/null 2>&1
}

maven_is_new_enough() {
  found=$(JAVA_HOME=$jdk mvn -v 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p')
  [ "$(printf '%s\n%s\n' "$oldest_maven" "$found" | sort -t . -k 1,1n -k 2,2n -k 3,3n | head -n 1)" = "$oldest_maven" ]
}

# maven ARGUMENT...: in the repository, on our JDK, whose warnings about Maven's own jars are not news.
maven() {
  find_maven
  (
    cd "$root" || exit 1
    JAVA_HOME=$jdk
    MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}"
    export JAVA_HOME MAVEN_OPTS
    exec "$mvn" "$@"
  )
}

# maven_quietly LOG ARGUMENT...: one line a module, the rest into the log; the first errors if it fails.
maven_quietly() {
  log=$1
  shift
  find_maven # here rather than in the pipe, where it could not end the launcher
  { maven -B -Dstyle.color=never "$@" 2>&1 && printf '\nmaven: done\n'; } | show_modules "$log" && return 0
  first_errors "$log" >&2
  return 1
}

# From what the compiler says, or else from the first error, without Maven's advice on using Maven.
first_errors() {
  awk '/^\[WARNING\] COMPILATION WARNING/ || /^\[ERROR\]/ { found = 1 }
    found && !/^\[INFO\]|^\[ERROR\] *$|\[Help 1\]|To see the full|Re-run Maven|For more info|After correcting|mvn <args>/' "$1" |
    head -n 40
}

show_modules() {
  module='' outcome=1
  while IFS= read -r line; do
    printf '%s\n' "$line" >&3
    case $line in
      '[INFO] Building kiri-'*) begin_module "${line#'[INFO] Building kiri-'}" ;;
      'maven: done') outcome=0 ;;
    esac
  done 3>"$1"
  end_module
  return $outcome
}

begin_module() {
  end_module
  module=${1%% *}
  module_began=$(date +%s)
  printf '  %-14s' "$module" >&2
}

end_module() {
  [ -z "$module" ] || printf '%3d s\n' $(($(date +%s) - module_began)) >&2
}

# run_fuzz hbone [--minutes N] [--target X]: the fuzz targets with new input, N minutes each.
run_fuzz() {
  [ "${1:-}" = hbone ] || fail_usage "fuzz takes a module that has fuzz targets: hbone"
  shift
  minutes=1 target=''
  while [ $# -gt 0 ]; do
    [ $# -gt 1 ] || fail_usage "$1 needs a value"
    case $1 in
      --minutes) minutes=$2 ;;
      --target) target=$2 ;;
      *) fail_usage "fuzz has no option $1" ;;
    esac
    shift 2
  done
  case $minutes in '' | *[!0-9]*) fail_usage "--minutes $minutes is no number" ;; esac
  case $target in
    '' | frames | hpack | authority | baggage | spiffe | proxy | certificate | chain) ;;
    *) fail_usage "there is no target $target: frames hpack authority baggage spiffe proxy certificate chain" ;;
  esac
  maven -q -pl hbone -am test -Dtest=FuzzTest -Dsurefire.failIfNoSpecifiedTests=false \
    "-Dfuzz.minutes=$minutes" ${target:+"-Dfuzz.target=$target"} || fail "a fuzz target failed; its input is above"
  say "no input was mishandled"
}
