#!/bin/sh
# Keeps the hosts of one set: their network, their disks and their processes end with this process.
# usage: unshare --net --mount --pid --fork --kill-child keep.sh DIR stdin|forever
set -eu
dir=$1 until=$2

ip link set lo up
# Mounts of network namespaces are in /run/netns, which has to be invisible outside.
mount -t tmpfs tmpfs /run
ip link add switch type bridge
ip link set switch up

# This is the process's id outside of its namespace, because /proc is from there.
read -r pid rest < /proc/self/stat
echo "$pid" > "$dir/keeper.new"
mv "$dir/keeper.new" "$dir/keeper"

if [ "$until" = stdin ]; then read -r line || :; else exec sleep infinity; fi
