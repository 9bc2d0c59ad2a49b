"""sqlite-utils without pandas and numpy, which it loads wherever it finds them.

It wants them for column types that nothing here has, and they take longer to load than connector
does (0.35 s with pandas 2, 2026-11). They are hidden while it is loaded, and found again after.
"""

import sys

_HIDDEN = [name for name in ("pandas", "numpy") if name not in sys.modules]

sys.modules.update(dict.fromkeys(_HIDDEN))  # type: ignore[arg-type]
import sqlite_utils  # noqa: E402, F401

for _name in _HIDDEN:
    del sys.modules[_name]
