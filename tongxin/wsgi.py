"""The entry of the web server (granian, WSGI interface)."""

import gc
import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxin.settings")
django.setup(set_prefix=False)

from tongxin.kernel.cores import take_core  # noqa: E402 - after the settings
from tongxin.kernel.large_pages import keep_gathered  # noqa: E402
from tongxin.web.entry import Entry  # noqa: E402 - after the settings
from tongxin.web.preloading import preload  # noqa: E402

if settings.PIN_WEB_PROCESSES:
    take_core()
application = Entry()
preload()
gc.collect()
gc.freeze()  # what was loaded stays: it is not looked through for every few hundred things that a request makes and drops
gc.set_threshold(20_000, 20, 20)
if settings.LARGE_PAGES:
    keep_gathered()
