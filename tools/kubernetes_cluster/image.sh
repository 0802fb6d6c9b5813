#!/bin/bash
# Builds the image of the pods, without a registry: Debian with Python, and Deno.
# usage: image.sh DIR MIRROR DENO NAME; leaves DIR/image.tar
set -euo pipefail
cd "$1"
mirror=$2 deno=$3 name=$4

rm -rf root image
mkdir image
debootstrap --variant=minbase --include=python3 bookworm root "$mirror"
rm -rf root/var/cache/apt/archives/*.deb root/var/lib/apt/lists/* root/usr/share/{doc,locale,man}
install -m 755 "$deno" root/usr/bin/deno
tar -C root -cf image/layer.tar .
rm -rf root

cd image
layer=$(sha256sum < layer.tar | cut -d' ' -f1)
# The sandbox of a pod runs the same image, and only waits.
cat > config.json <<CONFIG
{
  "architecture": "amd64", "os": "linux",
  "config": { "Cmd": ["sleep", "infinity"], "Env": ["PATH=/usr/bin:/usr/sbin"] },
  "rootfs": { "type": "layers", "diff_ids": ["sha256:$layer"] }
}
CONFIG
cat > manifest.json <<MANIFEST
[{ "Config": "config.json", "RepoTags": ["$name"], "Layers": ["layer.tar"] }]
MANIFEST
tar -cf ../image.new manifest.json config.json layer.tar
cd ..
rm -rf image
mv image.new image.tar
