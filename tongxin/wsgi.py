"""The entry of the web server (granian, WSGI interface)."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxin.settings")
django.setup(set_prefix=False)

from tongxin.web.entry import Entry  # noqa: E402 - after the settings
from tongxin.web.preloading import preload  # noqa: E402

application = Entry()
preload()
