#!/bin/sh
# From recordings to the committed bundles, the golden vectors and the cards.
# EARSHOT_RECORDINGS: the folder that holds esc10/ and forest-day/.
set -eu
cd "$(dirname "$0")"
if [ ! -x .venv/bin/python ]; then
    /usr/bin/python3 -m venv --system-site-packages .venv
    .venv/bin/pip install -q -r requirements.txt
    .venv/bin/pip install -q --no-build-isolation -r requirements-evaluation.txt
fi
# Debian's reference BLAS is slow at GRUs; scipy's wheel brings OpenBLAS. The committed weights were made with it.
blas=$(echo "$PWD"/.venv/lib/python3*/site-packages/scipy.libs)
export LD_LIBRARY_PATH="$blas" LD_PRELOAD="$(ls "$blas"/libopenblas*.so)" OPENBLAS_NUM_THREADS=1
.venv/bin/python -m earshot_models.train --folds 1,2,3 --out bundles/esc10-cnn-folds-1-3 --cv-seeds 0
.venv/bin/python -m earshot_models.train --folds 1,2,3,4 --out bundles/esc10-cnn --int8 bundles/esc10-cnn-int8 --cv-seeds 0
.venv/bin/python -m earshot_models.sed_train --folds 1,2,3,4 --out bundles/esc10-crnn
.venv/bin/python -m pytest -q
