#!/bin/sh
# Boots a host: enters its disk, starts sshd, and reaps the processes that others leave.
# usage: unshare --pid --fork --mount --uts --ipc --kill-child boot.sh DIR NAME [SHARED]
set -eu
name=$2 shared=${3-}

# This is the process's id outside of its namespace, because /proc is from there.
read -r pid rest < /proc/self/stat
echo "$pid" > "$1/$name/pid.new"
mv "$1/$name/pid.new" "$1/$name/pid"

cd "$1/$name/root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=1777 tmpfs tmp
if [ "$shared" ]; then mkdir -p ".$shared"; mount --bind "$shared" ".$shared"; fi
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm run/old run/sshd
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for link in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${link%:*}" "dev/${link#*:}"; done
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
  IFS=: read -r path major minor <<NODE
$node
NODE
  mknod -m 666 "dev/$path" c "$major" "$minor"
done

# Every boot has its own id, as on a machine with its own kernel.
cat proc/sys/kernel/random/uuid > run/boot_id
mount --bind run/boot_id proc/sys/kernel/random/boot_id
echo "$name" > proc/sys/kernel/hostname

pivot_root . run/old
umount -l /run/old
/usr/sbin/sshd -f /etc/ssh/hosts_config
sleep infinity &
while :; do wait || :; done
