#!/usr/bin/env bash
# test_package.sh PACKAGE: lintian, and installing, upgrading, removing and purging the Debian
# package in this root. Called while the image is built, in a Debian 13 of its own: it changes
# the system.
set -euo pipefail
package="$1"
next="$(mktemp -d)"

fail() { echo "test_package: $*" >&2; exit 1; }
expect() { [[ "$1" == "$2" ]] || fail "expected $2, got $1"; }
state() { dpkg-query -W -f='${db:Status-Status}' convoy 2>/dev/null || true; }
installed_version() { dpkg-query -W -f='${Version}' convoy; }

export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends lintian
lintian --fail-on error --allow-root "$package"

echo "== install"
apt-get install -y -q --no-install-recommends "$package"
version="$(installed_version)"
expect "$(convoy --version)" "convoy $version"
convoy-server --version
[[ -f /usr/lib/systemd/system/convoy-server.service ]] || fail "no unit"
grep -q '^ExecStart=/usr/bin/convoy-server$' /usr/lib/systemd/system/convoy-server.service ||
  fail "the unit starts something else"
[[ -L /etc/systemd/system/multi-user.target.wants/convoy-server.service ]] || fail "the unit is not enabled"

echo "== it serves"
mkdir -p /tmp/layers
convoy-server --repository /tmp/layers --grpc-address 127.0.0.1:18001 --http-address 127.0.0.1:0 \
  --drain-seconds 0 2>/tmp/convoy.log &
server=$!
until CONVOY_SERVER=127.0.0.1:18001 convoy health; do
  kill -0 "$server" || fail "it ended: $(cat /tmp/convoy.log)"
  sleep 0.1
done
kill -TERM "$server"
wait "$server" || fail "exit code $?"

echo "== upgrade, which keeps what was configured and what was disabled"
echo CONVOY_WORKERS=1 >>/etc/default/convoy
rm /etc/systemd/system/multi-user.target.wants/convoy-server.service # as systemctl disable does
dpkg-deb -R "$package" "$next/tree"
sed -i "s/^Version: .*/Version: $version+next/" "$next/tree/DEBIAN/control"
dpkg-deb --root-owner-group -b "$next/tree" "$next/next.deb"
apt-get install -y -q "$next/next.deb"
expect "$(installed_version)" "$version+next"
expect "$(tail -n 1 /etc/default/convoy)" CONVOY_WORKERS=1
[[ ! -e /etc/systemd/system/multi-user.target.wants/convoy-server.service ]] || fail "enabled again"

echo "== remove"
apt-get remove -y -q convoy
expect "$(state)" config-files
[[ ! -e /usr/bin/convoy-server && -e /etc/default/convoy ]] || fail "removal left or took too much"

echo "== purge"
apt-get purge -y -q convoy
expect "$(state)" ""
[[ ! -e /etc/default/convoy && ! -e /usr/share/doc/convoy ]] || fail "purging left something"
echo "test_package: all is well"
