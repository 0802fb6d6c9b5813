#!/bin/sh
# Writes photos of gradients with names as people give them: sh make_photos.sh 6
set -eu
mkdir -p photos/2026
i=1
while [ "$i" -le "${1:-6}" ]; do
  gm convert -size 640x480 "gradient:rgb($((i * 40)),90,160)-white" "photos/2026/it's photo $i.jpg"
  i=$((i + 1))
done
