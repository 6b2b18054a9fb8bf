"""Demo data: localities opened from their folders, made-up people, three months lived through the real engine. Not for production."""

from tongxin.web.demo.logins import PASSWORD, logins

__all__ = ["PASSWORD", "logins"]
