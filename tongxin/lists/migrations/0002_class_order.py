"""Classes of an edition keep the keeper's order."""

from django.db import migrations, models


def keep_pairs(apps, schema_editor):
    for edition in apps.get_model("lists", "Edition").objects.all():
        edition.class_pairs = [[key, title] for key, title in edition.classes.items()]
        edition.save(update_fields=["class_pairs"])


class Migration(migrations.Migration):
    dependencies = [("lists", "0001_lists")]

    operations = [
        migrations.AddField("edition", "class_pairs", models.JSONField(default=list, verbose_name="分类")),
        migrations.RunPython(keep_pairs, migrations.RunPython.noop),
        migrations.RemoveField("edition", "classes"),
    ]
