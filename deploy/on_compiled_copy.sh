#!/usr/bin/env bash
# Runs a Python with arguments in a compiled copy of what git knows of the project: on_compiled_copy.sh PYTHON ARGUMENT…
# The copy sees the project's own jars, and is gone afterwards.
set -euo pipefail

python=$(realpath --no-symlinks "$1")
shift
cd "$(dirname "$0")/.."
mkdir -p .fundwatch
copy=$(mktemp -d "$PWD/.fundwatch/compiled.XXXXXX")
trap 'rm -rf "$copy"' EXIT
git ls-files -z | xargs -0 cp --parents --target-directory="$copy"
ln -s .. "$copy/.fundwatch"
cd "$copy"
export PYTHONPATH=$copy
"$python" -m deploy.compile "$copy"
"$python" "$@"
