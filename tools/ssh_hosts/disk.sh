#!/bin/sh
# Makes the disk of one host, which outlives its reboots, and its network.
# The host sees this machine's programs, and nothing of its other files.
# usage: disk.sh DIR NAME ADDRESS, with HOME_OPTIONS, DENO and LOGIN_SHELL in the environment
set -eu
dir=$1/$2 name=$2 address=$3 root=$1/$2/root

mkdir -p "$dir/disk" "$root"
mount -t tmpfs -o mode=755 tmpfs "$dir/disk"
mkdir "$dir/disk/root"
mount --bind "$dir/disk/root" "$root"
cd "$root"
mkdir dev etc home proc root run sys tmp usr var var/tmp
ln -s usr/bin usr/sbin usr/lib usr/lib32 usr/lib64 .
for part in usr etc; do
  mkdir "$dir/disk/$part" "$dir/disk/$part.work"
  mount -t overlay -o "lowerdir=/$part,upperdir=$dir/disk/$part,workdir=$dir/disk/$part.work" \
    overlay "$part"
done
mount -t tmpfs -o "mode=700,$HOME_OPTIONS" tmpfs root
chmod 1777 var/tmp

echo "$name" > etc/hostname
sed -i "s#^\(root:.*:\)[^:]*\$#\1$LOGIN_SHELL#" etc/passwd
rm -f usr/bin/deno usr/local/bin/deno
if [ "$DENO" ]; then touch usr/local/bin/deno; mount --bind "$DENO" usr/local/bin/deno; fi
cp -R "$dir/files/." .

ip netns add "$name"
ip link add "$name" type veth peer name eth0 netns "$name"
ip link set "$name" master switch up
ip -n "$name" link set lo up
ip -n "$name" address add "$address/24" dev eth0
ip -n "$name" link set eth0 up
