# Installs clients that other people wrote, each in an environment of its own below
# build/clients; does nothing where all is there. Sourced by ./run after setup.sh.

# client_is_installed NAME FILE...: whether it was installed as these files ask for. Otherwise
# its folder is made anew; finish_client then says that all went well.
client_is_installed() {
  local folder="build/clients/$1" wanted
  wanted="$(cat "${@:2}" | sha256sum)"
  [[ "$(cat "$folder/.installed" 2>/dev/null)" == "$wanted" ]] && return 0
  rm -rf "$folder"
  mkdir -p "$folder"
  echo "Installing $1 into $folder"
  return 1
}

finish_client() { cat "${@:2}" | sha256sum >"build/clients/$1/.installed"; }

# install_python_client NAME [PIP OPTION...]: requirements/NAME.txt.
install_python_client() {
  local requirements="requirements/$1.txt"
  client_is_installed "$1" "$requirements" && return 0
  "$PYTHON" -m venv "build/clients/$1"
  "build/clients/$1/bin/python" -m pip install --quiet --disable-pip-version-check \
    --require-hashes --requirement "$requirements" "${@:2}"
  finish_client "$1" "$requirements"
}

install_node_client() {
  local source=tests/interop/clients/node
  client_is_installed node "$source"/* && return 0
  cp "$source"/* build/clients/node
  (cd build/clients/node && npm ci --silent --ignore-scripts --no-audit --no-fund)
  finish_client node "$source"/*
}

setup_clients() {
  install_packages libb64-0d # perf_analyzer
  install_packages chromium fonts-dejavu-core # looks at the status page
  command -v npm >/dev/null || install_packages nodejs npm
  install_python_client kserve
  install_python_client mlserver
  # Without what its Python client needs: only the program in its wheel is run.
  install_python_client perf_analyzer --no-deps
  install_node_client
}
