#!/usr/bin/env python
"""Django's command line for Tongxin."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxin.settings")
    try:
        import django  # noqa: F401 - only whether it is there
    except ModuleNotFoundError:
        print(
            "这个 Python 里没有装平台的依赖。请先 make app，再用 .venv/bin/python manage.py …\n"
            "The packages are not in this Python: run `make app`, then .venv/bin/python manage.py …",
            file=sys.stderr,
        )
        sys.exit(1)
    from tongxin.kernel.commands import run

    sys.exit(run(sys.argv))
