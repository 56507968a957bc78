# shellcheck shell=sh disable=SC2154 # reads $root, $jdk and $command of ../../kiri
# System programs a command needs, and the packages that bring them.

has() { command -v "$1" >/dev/null 2>&1; }

package_of() {
  case $1 in
    nft) echo nftables ;;
    ip) echo iproute2 ;;
    unshare | nsenter) echo util-linux ;;
    sysctl) echo procps ;;
    *) echo "$1" ;;
  esac
}

# need_programs PROGRAM...: returns when all are there; installs what is missing or exits with 3.
need_programs() {
  packages=''
  for program in "$@"; do
    has "$program" && continue
    package=$(package_of "$program")
    case " $packages " in *" $package "*) ;; *) packages="$packages $package" ;; esac
  done
  [ -z "$packages" ] || install_packages "${packages# }"
}

# install_packages 'NAME NAME': by apt-get where there is one, else says what to run.
install_packages() {
  mend=$(install_command "$1")
  has apt-get || fail_missing "this needs: $1" "$mend"
  as_root=''
  if [ "$(id -u)" -ne 0 ]; then
    as_root=sudo
    { on_terminal && has sudo; } || fail_missing "this needs: $1" "$mend"
  fi
  agreed "Kiri needs the packages: $1. Install them with apt-get?" || fail_missing "this needs: $1" "$mend"
  say "installing $1"
  mkdir -p "$root/target"
  {
    $as_root apt-get update -qq
    # shellcheck disable=SC2086 # several packages in one variable
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1
  } >"$root/target/packages.log" 2>&1 </dev/null ||
    fail_missing "apt-get could not install: $1 (see target/packages.log)" "$mend"
}

install_command() {
  if has apt-get; then
    echo "sudo apt-get update && sudo apt-get install -y $1"
  elif has dnf; then
    echo "sudo dnf install -y $1"
  elif has zypper; then
    echo "sudo zypper install -y $1"
  elif has pacman; then
    echo "sudo pacman -S $1"
  elif has apk; then
    echo "sudo apk add $1"
  else
    echo "install these with your system's package manager: $1"
  fi
}
