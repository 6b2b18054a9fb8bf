"""Two-character search over Chinese text (measured choice: trigrams see nothing in two-character words)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION zh_bigrams(s text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT coalesce(array_agg(DISTINCT substr(lower(s), i, 2)), '{}') FROM generate_series(1, greatest(length(s) - 1, 0)) i
$$;
CREATE INDEX matter_words ON matters_matter USING gin (zh_bigrams(title || ' ' || text)) WITH (fastupdate = on);
"""
BACKWARD = "DROP INDEX matter_words; DROP FUNCTION zh_bigrams(text);"


class Migration(migrations.Migration):
    dependencies = [("matters", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
