#!/usr/bin/env bash
# Builds the image as docker/Dockerfile says, on a Debian 13 that debootstrap makes, with neither
# a registry nor a daemon; then docker/try_image.py runs it. Tests the Debian package, too. Prints
# sizes, times and memory. As root, called by ./run test-image.
#
#   docker/test_image.sh [OPTIONS OF buildah build]
#
# CONVOY_IMAGE_FOLDER  where base, images, containers and a compiler cache are kept; build/image
# CONVOY_IMAGE_STEPS   what is done: "server memory limits package tests"
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder="$(realpath -m "${CONVOY_IMAGE_FOLDER:-build/image}")"
version="$(sed -n 's/^project(convoy VERSION \([^ ]*\).*/\1/p' CMakeLists.txt)"
build_options=("$@")

report() { printf '%-40s %s\n' "$1" "$2"; }

# How layers are kept: over each other where the kernel can do that in the folder; a full copy
# each, which works everywhere, takes several times the time and room.
storage_driver() {
  local trial="$folder/trial" driver=vfs
  mkdir -p "$trial"/{lower,upper,work,merged}
  if mount -t overlay -o "lowerdir=$trial/lower,upperdir=$trial/upper,workdir=$trial/work" \
    overlay "$trial/merged" 2>/dev/null; then
    umount "$trial/merged"
    driver=overlay
  fi
  rm -rf "$trial"
  echo "$driver"
}

make_base() {
  podman "${storage[@]}" image exists localhost/debian:trixie && return
  if [[ ! -e "$folder/base.tar" ]]; then
    debootstrap --variant=minbase --include=ca-certificates,ccache trixie "$folder/base" \
      http://deb.debian.org/debian
    tar --numeric-owner -C "$folder/base" -cf "$folder/base.tar" .
    rm -rf "$folder/base"
  fi
  podman "${storage[@]}" import "$folder/base.tar" localhost/debian:trixie
}

# build TARGET: localhost/convoy-TARGET. What was compiled before is in the cache.
build() {
  local begun=$SECONDS arguments=(
    --isolation chroot --format docker --layers --file docker/Dockerfile
    --volume "$folder/ccache:/var/cache/ccache"
    --target "$1" --tag "localhost/convoy-$1"
    --build-arg BASE=localhost/debian:trixie
    --build-arg "VERSION=$version"
    --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)"
  )
  mkdir -p "$folder/ccache"
  buildah "${storage[@]}" build "${arguments[@]}" "${build_options[@]}" .
  report "time to build $1" "$((SECONDS - begun)) s"
}

# What a registry keeps and a node fetches.
report_size() {
  local archive="$folder/image.tar"
  rm -f "$archive"
  podman "${storage[@]}" save --quiet --output "$archive" localhost/convoy-server
  report "image, uncompressed" "$(($(stat -c %s "$archive") / 1000000)) MB"
  report "image, compressed (gzip)" "$(($(gzip -c "$archive" | wc -c) / 1000000)) MB"
  rm -f "$archive"
}

try_image() {
  PYTHONPATH=tests:tests/bench .venv/bin/python docker/try_image.py "$1" -- \
    podman "${storage[@]}" --cgroup-manager cgroupfs --runtime runc
}

mkdir -p "$folder"
driver="$(storage_driver)"
storage=(--root "$folder/storage" --runroot "$folder/run" --storage-driver "$driver")
report "storage driver" "$driver"
make_base
for step in ${CONVOY_IMAGE_STEPS:-server memory limits package tests}; do
  case "$step" in
    server)
      build server
      report_size
      .venv/bin/python examples/speech/make_repository.py build/speech
      try_image server
      ;;
    memory | limits)
      try_image "$step"
      ;;
    package)
      build test-package
      ;;
    tests)
      build tests
      try_image tests
      ;;
  esac
done
