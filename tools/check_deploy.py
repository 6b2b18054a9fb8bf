"""`manage.py check --deploy` as a production server would run it, with stand-in secrets: any issue fails."""

import os
import secrets
import subprocess
import sys

from steps import ROOT

STAND_IN = {
    "TONGXIN_ENV": "production",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "tongxin.example",
    "DATABASE_URL": "postgresql://tongxin@db.example/tongxin",
}
command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"]
sys.exit(subprocess.run(command, cwd=ROOT, env={**os.environ, **STAND_IN}, check=False).returncode)
