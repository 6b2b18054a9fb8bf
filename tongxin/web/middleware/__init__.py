"""What happens to every request before and after its page; the order is in ``settings.MIDDLEWARE``."""
