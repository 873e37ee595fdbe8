#!/usr/bin/env bash
# fill_root.sh ROOT PROGRAM...: what programs of the folder ROOT need to run with ROOT as their
# root: the libraries that they load, from this Debian, each with its package's licence and its
# entry for scanners of vulnerabilities; a user; and a list of it all (SBOM). Called while the
# image is built.
set -euo pipefail
root="$1"
programs=("${@:2}")
# Compiled in: no library of theirs is loaded.
header_only=(libcli11-dev nlohmann-json3-dev)

mkdir -p "$root"/{etc,layers,tmp,usr/{bin,lib,lib64,sbin},usr/share/doc,var/lib/dpkg/status.d}
chmod 1777 "$root/tmp"
for folder in bin lib lib64 sbin; do
  [[ -e "$root/$folder" ]] || ln -s "usr/$folder" "$root/$folder"
done

# The file that a link leads to, and the name under which it is loaded beside it.
add_library() {
  local file name
  file="$(realpath "$1")"
  name="$(realpath "${1%/*}")/${1##*/}"
  install -D -m 755 "$file" "$root$file"
  [[ "$name" == "$file" ]] || ln -sfr "$root$file" "$root$name"
  files+=("$file")
}

add_package() {
  dpkg-query --status "$1" >"$root/var/lib/dpkg/status.d/$1"
  install -D -m 644 "/usr/share/doc/$1/copyright" "$root/usr/share/doc/$1/copyright"
}

files=()
libraries="$(ldd "${programs[@]/#/$root}")"
if grep 'not found' <<<"$libraries"; then
  exit 1
fi
for library in $(grep -oE '/[^ ]+\.so[^ ]*' <<<"$libraries" | sort -u); do
  add_library "$library"
done
owners="$(dpkg-query --search "${files[@]}" | cut -d : -f 1 | sort -u)"
for package in $owners "${header_only[@]}" base-files; do
  add_package "$package"
done
# The texts that the packages' copyright files refer to.
for licence in $(grep -rhoE '/usr/share/common-licenses/[A-Za-z0-9.+-]*[A-Za-z0-9]' \
  "$root"/usr/share/doc/*/copyright | sort -u); do
  [[ ! -e "$licence" ]] || install -D -m 644 "$licence" "$root$licence"
done

install -D -m 644 /usr/lib/os-release "$root/usr/lib/os-release"
ln -sf ../usr/lib/os-release "$root/etc/os-release"
echo "convoy:x:65532:65532:convoy:/:/sbin/nologin" >"$root/etc/passwd"
echo "convoy:x:65532:" >"$root/etc/group"

if [[ -x "$root/usr/bin/convoy" ]]; then
  version="$("$root/usr/bin/convoy" --version)"
  python3 "$(dirname "$0")/sbom.py" "${version#convoy }" "$root/var/lib/dpkg/status.d" \
    >"$root/usr/share/doc/convoy/sbom.spdx.json"
fi
