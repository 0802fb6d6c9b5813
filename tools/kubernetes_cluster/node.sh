#!/bin/sh
# Runs a node: containerd and kubelet, in namespaces of its own, with what they write in DIR/NAME.
# usage: unshare --pid --fork --mount --uts --ipc --kill-child node.sh DIR NAME ADDRESS CACHE CGROUP
set -eu
dir=$1/$2 name=$2 address=$3 cache=$4 cgroup=$5

# This is the process's id outside of its namespace, because /proc is from there.
read -r pid rest < /proc/self/stat
echo "$pid" > "$dir/pid.new"
mv "$dir/pid.new" "$dir/pid"
echo "$name" > /proc/sys/kernel/hostname

mount -t proc proc /proc
for folder in /run /var/log /var/lib; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done
for part in containerd kubelet; do
  mkdir -p "$dir/$part" "/var/lib/$part"
  mount --bind "$dir/$part" "/var/lib/$part"
done
mount --make-shared /var/lib/kubelet

containerd --config "$dir/containerd.toml" > "$dir/containerd.log" 2>&1 &
until ctr version > /dev/null 2>&1; do sleep 0.2; done
# The images outlive a reboot.
if ! [ -e "$dir/imported" ]; then
  ctr -n k8s.io images import "$cache/image.tar" > /dev/null
  : > "$dir/imported"
fi

"$cache/bin/kubelet" --kubeconfig "$1/kubeconfig" --hostname-override "$name" \
  --node-ip "$address" --container-runtime remote \
  --container-runtime-endpoint unix:///run/containerd/containerd.sock \
  --cgroup-driver cgroupfs --cgroup-root "$cgroup/$name" --runtime-cgroups / --kubelet-cgroups / \
  --enforce-node-allocatable '' --eviction-hard '' --image-gc-high-threshold 100 \
  --fail-swap-on=false --node-status-update-frequency 5s --resolv-conf '' \
  >> "$dir/kubelet.log" 2>&1 &
while :; do wait || :; done
