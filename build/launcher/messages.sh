# shellcheck shell=sh
# What the launcher says to people. All of it goes to stderr: stdout belongs to the command.

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "kiri: $1"
  exit 1
}

fail_usage() {
  say "kiri: $1"
  say "Try: ./kiri --help"
  exit 2
}

# fail_missing WHAT COMMAND: names what this machine lacks and the one command that mends it.
fail_missing() {
  say "kiri: $1"
  say "To mend it: $2"
  exit 3
}

on_terminal() { [ -t 0 ] && [ -t 2 ]; }

# agreed QUESTION: asks on a terminal (Enter means yes); elsewhere nobody can answer, so it goes ahead.
agreed() {
  on_terminal || return 0
  printf '%s [Y/n] ' "$1" >&2
  read -r answer || return 1
  case $answer in '' | [yY]*) return 0 ;; *) return 1 ;; esac
}
