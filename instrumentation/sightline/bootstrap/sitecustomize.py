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

sys.modules.pop("sitecustomize", None)
with contextlib.suppress(ImportError):
    importlib.import_module("sitecustomize")
