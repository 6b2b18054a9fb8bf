"""The database itself refuses to change or delete a log entry (guarantee 2)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION procedures_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of a run is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER procedures_log_append_only BEFORE UPDATE OR DELETE ON procedures_logentry
    FOR EACH STATEMENT EXECUTE FUNCTION procedures_log_is_append_only();
"""
BACKWARD = """
DROP TRIGGER procedures_log_append_only ON procedures_logentry;
DROP FUNCTION procedures_log_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("procedures", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
