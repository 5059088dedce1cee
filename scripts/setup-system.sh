#!/usr/bin/env bash
# Installs what ShardLab needs from the operating system. Nothing yet: Node 20.19 or newer is enough.
set -euo pipefail
echo "setup-system: nothing to install"
