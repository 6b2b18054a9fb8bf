"""A time of a series knows the case that its day opened."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("cadence", "0001_cadence"), ("procedures", "0003_lean_indexes")]

    operations = [
        migrations.AddField(
            model_name="occurrence",
            name="run",
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="procedures.run"),
        ),
        migrations.AddIndex(
            model_name="occurrence",
            index=models.Index(condition=models.Q(("run__isnull", False)), fields=["run"], name="occurrence_case"),
        ),
    ]
