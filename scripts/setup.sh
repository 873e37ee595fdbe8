# Installs what building, demo and tests need; each function does nothing when
# all is there. Sourced by ./run, in the project's top folder, under `set -e`.

BUILD_PACKAGES=(
  ca-certificates cmake g++ ninja-build pkgconf python3 python3-venv
  libabsl-dev libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
  libcli11-dev libcpp-httplib-dev libspdlog-dev nlohmann-json3-dev prometheus-cpp-dev
  libbenchmark-dev libgmock-dev libgtest-dev
  alsa-utils # the recordings of the demo
)
TEST_PACKAGES=(curl haproxy prometheus) # documented commands, balance over replicas, evaluate the documented queries
IMAGE_PACKAGES=(buildah debootstrap podman runc) # build and run an image without a registry
CHECK_PACKAGES=(clang-14 clang-format-14 clang-tidy-14 git libclang-rt-14-dev libomp-14-dev)

# The distribution's interpreter, whatever else is called python3 here.
PYTHON=/usr/bin/python3

install_packages() {
  local installed missing=()
  installed=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ' "$@" 2>/dev/null || true)"
  for package in "$@"; do
    [[ "$installed" == *" installed:$package "* ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  local as_root=()
  if [[ "$(id -u)" != 0 ]]; then
    # sudo may ask for a password only where somebody can type one.
    if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
      as_root=(sudo)
    else
      echo "Convoy needs these Debian packages. Install them as root, then call ./run again:" >&2
      echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
  fi
  "${as_root[@]}" apt-get update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "${missing[@]}"
}

# install_wheels NAME: requirements/NAME.txt into .venv. A stamp that carries the
# hash of what was asked for says that it was done.
install_wheels() {
  local requirements="requirements/$1.txt" hash
  hash="$(cat "$requirements" <("$PYTHON" --version) | sha256sum | cut -c 1-16)"
  local stamp=".venv/.installed-$1-$hash"
  [[ -e "$stamp" ]] && return 0
  # Made anew also when its interpreter is gone or was replaced by another version.
  .venv/bin/python -m pip --version &>/dev/null || "$PYTHON" -m venv --clear .venv
  echo "Installing $requirements into .venv"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
    --requirement "$requirements"
  rm -f ".venv/.installed-$1-"*
  touch "$stamp"
}

# oneDNN 3.2 or newer: the distribution's where it has one, otherwise the vendor's wheel.
install_onednn() {
  if ! compgen -G ".venv/.installed-onednn-*" >/dev/null; then
    local candidate
    candidate="$(apt-cache policy libdnnl-dev | sed -n 's/^  Candidate: //p')"
    if dpkg --compare-versions "${candidate/(none)/0}" ge 3.2; then
      install_packages libdnnl-dev
      return
    fi
  fi
  install_wheels onednn
}

setup_build() {
  if ! command -v apt-get >/dev/null; then
    echo "./run installs Debian packages and found no apt-get. README.md lists what to" \
      "install and the three CMake commands that build Convoy anywhere." >&2
    return 1
  fi
  install_packages "${BUILD_PACKAGES[@]}"
  install_onednn
}

# setup_python demo|test
setup_python() { install_wheels "$1"; }

setup_test() { install_packages "${TEST_PACKAGES[@]}"; }

setup_image() { install_packages "${IMAGE_PACKAGES[@]}"; }

setup_check() { install_packages "${CHECK_PACKAGES[@]}"; }
