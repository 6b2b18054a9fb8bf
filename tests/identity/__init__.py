"""A real identity service for tests: django-oauth-toolkit in a process of its own, on a free port of this machine."""
