#!/usr/bin/env bash
# Installs the system programs that some tests can use: Jupyter, which executes the notebooks, and pip and a C++ compiler,
# with which `shardlab backend install tensorflow` gets TensorFlow's kernels, and ip and tc, which shape links. On Debian or Ubuntu, as root or with sudo.
# Optional: without them these tests are skipped with a reason, except under CI=true.
set -euo pipefail

packages=()
command -v jupyter-nbconvert >/dev/null || packages+=(jupyter-nbconvert jupyter-client python3-ipykernel)
{ command -v ip && command -v tc; } >/dev/null || packages+=(iproute2)
python3 -m pip --version >/dev/null 2>&1 || packages+=(python3-pip)
command -v g++ >/dev/null || packages+=(g++)

if [ ${#packages[@]} -eq 0 ]; then
  echo "setup-system: everything is there"
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "setup-system: no apt-get here; install by hand: ${packages[*]}" >&2
  exit 1
fi
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
echo "setup-system: installing ${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
