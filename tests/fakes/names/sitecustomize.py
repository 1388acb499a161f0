"""Names that stand for this machine, or for nothing while the file that MADE_UP_NAMES names is empty.

Python reads this when a process starts that has this folder in its path: it stands for a DNS server that fails.
"""

import os
import socket
from pathlib import Path
from typing import Any

_file = os.environ.get("MADE_UP_NAMES")
_real = socket.getaddrinfo


def _found(host: Any, *more: Any, **named: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if not name.endswith(".example"):
        return _real(host, *more, **named)
    if name not in Path(str(_file)).read_text(encoding="utf-8").split():
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return _real("127.0.0.1", *more, **named)


if _file:
    socket.getaddrinfo = _found
