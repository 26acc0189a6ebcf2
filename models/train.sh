#!/bin/sh
# From recordings to the committed bundles, the golden vectors and the cards.
# EARSHOT_RECORDINGS: the folder that holds esc10/ and forest-day/.
set -eu
cd "$(dirname "$0")"
if [ ! -x .venv/bin/python ]; then
    /usr/bin/python3 -m venv --system-site-packages .venv
    .venv/bin/pip install -q -r requirements.txt
fi
.venv/bin/python -m earshot_models.train --folds 1,2,3 --out bundles/esc10-cnn-folds-1-3
.venv/bin/python -m earshot_models.train --folds 1,2,3,4 --out bundles/esc10-cnn --int8 bundles/esc10-cnn-int8
.venv/bin/python -m pytest -q
