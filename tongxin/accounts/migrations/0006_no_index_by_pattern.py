from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Counters are found by their whole name; Django's second index, for patterns, cost each new one a write."""

    dependencies = [("accounts", "0005_identity")]
    operations = [
        migrations.RunSQL(
            "DROP INDEX IF EXISTS accounts_throttle_bucket_34af0876_like",
            "CREATE INDEX IF NOT EXISTS accounts_throttle_bucket_34af0876_like ON accounts_throttle (bucket varchar_pattern_ops)",
        )
    ]
