"""The entry of the web server (granian, ASGI interface)."""

from django.conf import settings
from django.db import connections

from tongxin import wsgi  # first: it sets Django up
from tongxin.web.server import Server

connections.close_all()  # what the start asked by; on the event loop, which runs in this thread, nobody uses one
application = Server(wsgi.application, threads=settings.WEB_THREADS)
