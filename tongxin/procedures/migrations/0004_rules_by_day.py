"""Runs keep the day whose rules hold, not all the values again: their version of the pack has them with their days.

Values that the version does not say of that day stay written out, and so do those of a version that today's code cannot read:
written out, they hold as before.
"""

import json

from django.db import migrations

SAME = "SELECT DISTINCT pack_id, procedure, (facts->'rules')::text, (started_at AT TIME ZONE 'Asia/Shanghai')::date FROM procedures_run WHERE facts ? 'rules'"
WRITE = """
UPDATE procedures_run SET facts = (facts - 'rules') || %s::jsonb
WHERE pack_id = %s AND procedure = %s AND facts->'rules' = %s::jsonb AND (started_at AT TIME ZONE 'Asia/Shanghai')::date = %s
"""


def by_day(apps, schema_editor):
    from tongxin.packs.schema import Pack
    from tongxin.procedures.rules import DAY, PINNED, values_on

    contents = apps.get_model("packs", "PackVersion").objects
    packs = {}
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SAME)
        for pack_id, procedure, written, day in cursor.fetchall():
            if pack_id not in packs:
                try:
                    packs[pack_id] = Pack.model_validate_json(contents.values_list("content", flat=True).get(pk=pack_id))
                except ValueError:
                    packs[pack_id] = None
            pack = packs[pack_id]
            if pack is None or procedure not in pack.procedures:
                continue
            said = values_on(day, pack.procedures[procedure], pack.catalogue)
            differs = {rule: value for rule, value in json.loads(written).items() if said.get(rule) != value}
            facts = {DAY: day.isoformat(), **({PINNED: differs} if differs else {})}
            cursor.execute(WRITE, [json.dumps(facts), pack_id, procedure, written, day])


class Migration(migrations.Migration):
    dependencies = [("procedures", "0003_lean_indexes"), ("packs", "__first__")]
    operations = [migrations.RunPython(by_day, migrations.RunPython.noop)]
