#!/bin/sh
# dl_jobs for @TARGET@, with Deno @DENO@.
# An archive follows these lines. The first start unpacks it into the user's cache folder. Later
# starts run the unpacked program.

# Prints why other users could write into a folder, or nothing. Each folder above it counts, too.
fault() ( # FOLDER, without links
  export PATH="${PATH:+$PATH:}/usr/bin:/bin"
  me=$(id -u) place=$1
  set --
  while [ "$place" ]; do
    set -- "$place" "$@"
    place=${place%/*}
  done
  ls -ldn / "$@" | while read -r mode _ uid gid _ _ _ _ path; do
    case $uid in "$me" | 0) ;; *) echo "$path belongs to another user" ;; esac
    # A private group has the number of its user. The entries of a sticky folder are safe.
    mode=${mode%[+.@]}
    [ "$gid" = "$me" ] && mode=${mode%?????}-${mode#??????}
    case $mode in
      d????????[tT]*) ;;
      ?????w* | ????????w*) echo "other users can write to $path" ;;
    esac
  done
)

start() { # FOLDER [ARGUMENTS]: runs the program in the folder, if this user has unpacked one
  # A link could change between the check and the start.
  place=$(cd -P "$1" 2> /dev/null && pwd -P) && [ -z "$(fault "$place")" ] || return
  app=$place/@ID@
  [ -O "$place" ] && [ -O "$app" ] && [ -O "$app/deno" ] && [ -x "$app/deno" ] || return
  shift
  # The user cannot update the Deno in this file.
  export DENO_NO_UPDATE_CHECK=1
  exec "$app/deno" run -A --no-config --no-lock --node-modules-dir=none "$app/cli.ts" "$@"
}

unpack() ( # FOLDER, with this file as input: unpacks the program there, completely or not at all
  export PATH="${PATH:+$PATH:}/usr/bin:/bin"
  mkdir -p -m 700 "$1" && cd -P "$1" || exit
  set -- "$(pwd -P)"
  [ -O "$1" ] || { echo "$1 belongs to another user"; exit 1; }
  why=$(fault "$1")
  [ -z "$why" ] || { echo "$why"; exit 1; }
  # Remove the leftovers of starts that were killed.
  for old in "$1/@ID@.$(uname -n)".*; do
    kill -0 "${old##*.}" || rm -rf "$old"
  done 2> /dev/null
  new=$1/@ID@.$(uname -n).$$
  trap 'rm -rf "$new" "$new.whole"' EXIT
  trap 'exit 1' HUP INT TERM
  mkdir "$new" || exit
  lines=@LINES@
  while [ $lines -gt 0 ]; do read -r _; lines=$((lines - 1)); done
  { gzip -dc && : > "$new.whole"; } | tar -xof - -C "$new" && [ -e "$new.whole" ] || exit
  # If another start was faster, mv puts this folder inside the existing one.
  mv "$new" "$1/@ID@" && rm -rf "$1/@ID@/${new##*/}"
)

why='' cache=${HOME:+$HOME/@CACHES@}
case ${XDG_CACHE_HOME-} in /*) cache=$XDG_CACHE_HOME ;; esac
if [ "$cache" ]; then
  start "$cache/dl_jobs" "$@"
  why=$(unpack "$cache/dl_jobs" < "$0" 2>&1) && start "$cache/dl_jobs" "$@"
fi
temp=${TMPDIR:-/tmp}/dl_jobs-$(PATH="${PATH:+$PATH:}/usr/bin:/bin" id -u)
export DENO_DIR="${DENO_DIR:-$temp/deno}"
start "$temp" "$@"
also=$(unpack "$temp" < "$0" 2>&1) && start "$temp" "$@"
echo "Error: Cannot unpack dl_jobs: ${why:+$why; }${also:-no program may run in $temp};" \
  "set XDG_CACHE_HOME to a folder where programs may lie" >&2
exit 1
