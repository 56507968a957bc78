# shellcheck shell=sh disable=SC2154 # reads $root, $jdk and $command of ../../kiri
# Finds a JDK 25, or gets one. `find_jdk` leaves its folder in $jdk.

jdk=''
own_jdk=${XDG_DATA_HOME:-${HOME:-/root}/.local/share}/kiri/jdk-25
adoptium=${KIRI_ADOPTIUM:-https://api.adoptium.net} # Temurin's own service; tests put another here

# A look at the release file is enough: starting java to ask its version takes longer than our commands.
is_jdk_25() {
  [ -x "$1/bin/javac" ] && grep -q '^JAVA_VERSION="25["._+]' "$1/release" 2>/dev/null
}

find_jdk() {
  [ -z "$jdk" ] || return 0
  if [ -n "${KIRI_JAVA_HOME:-}" ]; then
    is_jdk_25 "$KIRI_JAVA_HOME" || fail_missing "KIRI_JAVA_HOME=$KIRI_JAVA_HOME is no JDK 25." 'unset KIRI_JAVA_HOME'
    jdk=$KIRI_JAVA_HOME
    return 0
  fi
  look_for_jdk && return 0
  install_jdk
}

look_for_jdk() {
  java_on_path=$(command -v java || :)
  java_on_path=$(readlink -f "${java_on_path:-/nowhere/bin/java}" || :)
  for candidate in \
    "${JAVA_HOME:-/nowhere}" "${java_on_path%/bin/java}" "$own_jdk" \
    /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
    "${HOME:-/nowhere}"/.sdkman/candidates/java/* "${HOME:-/nowhere}"/.jdks/* \
    "${HOME:-/nowhere}"/.asdf/installs/java/* "${HOME:-/nowhere}"/.local/share/mise/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if is_jdk_25 "$candidate"; then
      jdk=$candidate
      return 0
    fi
  done
  return 1
}

install_jdk() {
  package=openjdk-25-jdk-headless
  if has apt-get && [ "$(id -u)" -eq 0 ] && apt-cache show "$package" >/dev/null 2>&1; then
    install_packages "$package"
    look_for_jdk && return 0
  fi
  download_temurin && look_for_jdk && return 0
  fail_missing 'Kiri needs a JDK 25 and could not get one by itself. Unpack one from https://adoptium.net' \
    "KIRI_JAVA_HOME=/path/to/jdk-25 ./kiri $command"
}

# Downloads the newest Temurin 25, checks it against the checksum its vendor names, and unpacks it.
download_temurin() {
  case $(uname -s) in Linux) os=linux ;; Darwin) os=mac ;; *) return 1 ;; esac
  case $(uname -m) in x86_64 | amd64) arch=x64 ;; aarch64 | arm64) arch=aarch64 ;; *) return 1 ;; esac
  [ ! -e /etc/alpine-release ] || os=alpine-linux

  has curl || has wget || install_packages curl
  say "no JDK 25 found: asking Adoptium for Temurin 25"
  query="architecture=$arch&image_type=jdk&os=$os&vendor=eclipse"
  answer=$(download "$adoptium/v3/assets/latest/25/hotspot?$query" -) || return 1
  link=$(printf '%s' "$answer" | json_string link | grep 'tar\.gz$' | head -n 1)
  checksum=$(printf '%s' "$answer" | json_string checksum | head -n 1)
  [ -n "$link" ] && [ "${#checksum}" -eq 64 ] || return 1

  folder=$(dirname "$own_jdk")
  say "downloading $link into $folder"
  rm -rf "$own_jdk.new" && mkdir -p "$own_jdk.new"
  download "$link" "$own_jdk.new/jdk.tar.gz" || return 1
  if [ "$(sha256_of "$own_jdk.new/jdk.tar.gz")" != "$checksum" ]; then
    say "the download's checksum is not the one its vendor names: thrown away"
    rm -rf "$own_jdk.new"
    return 1
  fi
  tar -xzf "$own_jdk.new/jdk.tar.gz" -C "$own_jdk.new" || return 1
  for unpacked in "$own_jdk.new"/jdk-25*; do
    [ ! -d "$unpacked/Contents/Home" ] || unpacked=$unpacked/Contents/Home
    rm -rf "$own_jdk" && mv "$unpacked" "$own_jdk"
  done
  rm -rf "$own_jdk.new"
}

# download ADDRESS FILE: FILE may be - for stdout.
download() {
  if has curl; then
    curl -fsSL --retry 2 --connect-timeout 10 -o "$2" "$1"
  elif has wget; then
    wget -q -T 30 -t 3 -O "$2" "$1"
  else
    say "neither curl nor wget is installed"
    return 1
  fi
}

# json_string KEY: the string values of that key, one a line, wherever they stand in the JSON on stdin.
json_string() {
  tr ',{}' '\n' | sed -n "s/^[[:space:]]*\"$1\"[[:space:]]*:[[:space:]]*\"\([^\"]*\)\".*/\1/p"
}

sha256_of() {
  if has sha256sum; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}
