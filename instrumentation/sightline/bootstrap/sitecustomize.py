"""Put on the path by `sightline run`: instruments the process, then gives way to the app's own
sitecustomize."""

import contextlib
import importlib
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != _here]

try:
    import sightline

    sightline.instrument()
except Exception as error:
    sys.stderr.write(f"sightline: not instrumented: {error}\n")

_this = sys.modules.pop(__name__)
with contextlib.suppress(ImportError):
    importlib.import_module("sitecustomize")
sys.modules.setdefault(__name__, _this)  # Python looks for it once this is done
