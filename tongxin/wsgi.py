"""The entry of the web server (granian, WSGI interface)."""

import os

from django.core.wsgi import get_wsgi_application

from tongxin.web.preloading import preload

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxin.settings")
application = get_wsgi_application()
preload()
