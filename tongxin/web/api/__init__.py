"""What programs speak to: the JSON API under ``/api/v1/`` and Open311 under ``/open311/v2/``. No pages for people but the reference."""
