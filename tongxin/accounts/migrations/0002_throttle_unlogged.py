"""Counters need no crash safety: an unlogged table writes no WAL and is emptied after a crash."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE accounts_throttle SET UNLOGGED", "ALTER TABLE accounts_throttle SET LOGGED"
        )
    ]
