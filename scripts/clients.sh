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

# go_module_file MODULE@VERSION FILE: the path of a file that a Go module brings.
go_module_file() {
  go mod download -json "$1" | sed -n "s|^\t\"Dir\": \"\(.*\)\",\$|\1/$2|p"
}

# What checks docker/kubernetes and docker/compose.yaml: kustomize, kube-score, Kubernetes' and
# Compose's schemas, and the definitions of the kinds that operators bring.
install_kubernetes() {
  local folder="$PWD/build/clients/kubernetes" requirements=requirements/kubernetes.txt kind
  local operator=github.com/prometheus-operator/prometheus-operator@v0.82.0
  local kserve=github.com/kserve/kserve@v0.15.2
  if ! command -v go >/dev/null; then
    echo "Go is not installed: docker/kubernetes will not be checked"
    return 0
  fi
  client_is_installed kubernetes scripts/clients.sh "$requirements" && return 0
  "$PYTHON" -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
    --require-hashes --requirement "$requirements"
  GOBIN="$folder/bin" go install sigs.k8s.io/kustomize/kustomize/v5@v5.7.1
  GOBIN="$folder/bin" go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0
  mkdir "$folder/crds"
  cp "$(go_module_file "$operator" \
    example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml)" "$folder/crds"
  for kind in servingruntimes inferenceservices; do
    cp "$(go_module_file "$kserve" "config/crd/full/serving.kserve.io_$kind.yaml")" "$folder/crds"
  done
  cp "$(go_module_file github.com/compose-spec/compose-go/v2@v2.6.0 schema/compose-spec.json)" "$folder"
  chmod -R u+w "$folder/crds" "$folder/compose-spec.json"
  finish_client kubernetes scripts/clients.sh "$requirements"
}

# What HTTP/2 forbids.
install_h2spec() {
  if ! command -v go >/dev/null; then
    echo "Go is not installed: HTTP/2 will not be tested with h2spec"
    return 0
  fi
  client_is_installed h2spec scripts/clients.sh && return 0
  GOBIN="$PWD/build/clients/h2spec/bin" \
    go install github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible
  finish_client h2spec scripts/clients.sh
}

setup_clients() {
  install_packages libb64-0d # perf_analyzer
  install_packages chromium fonts-dejavu-core # looks at the status page
  install_packages sslscan # looks at TLS
  command -v npm >/dev/null || install_packages nodejs npm
  install_python_client kserve
  install_python_client mlserver
  # Without what its Python client needs: only the program in its wheel is run.
  install_python_client perf_analyzer --no-deps
  install_node_client
  install_kubernetes
  install_h2spec
}
