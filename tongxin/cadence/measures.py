"""Figures of what comes round, for pages that count; see ``queries``."""
