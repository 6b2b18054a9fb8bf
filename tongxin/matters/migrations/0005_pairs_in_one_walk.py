"""The pairs of letters of a text in one walk over it: the first form began from the text's beginning for each pair, and lowered it each time.

The index sorts and unites what it is given, so repeated pairs may stay. Both forms give the same pairs of ordinary text; of letters
whose lower form is longer than they are (İ), the index is built anew.
"""

from django.db import migrations

FORM = "CREATE OR REPLACE FUNCTION zh_bigrams(s text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$ {} $$;"
INDEX = "CREATE INDEX matter_words ON matters_matter USING gin (zh_bigrams(title || ' ' || text)) WITH (fastupdate = on);"
WALK = """
    SELECT coalesce(array_agg(x || y), '{}')
    FROM (SELECT string_to_array(lower(s), NULL) AS a) t, unnest(t.a[:cardinality(t.a) - 1], t.a[2:]) u(x, y)
"""
FIRST = """
    SELECT coalesce(array_agg(DISTINCT substr(lower(s), i, 2)), '{}') FROM generate_series(1, greatest(length(s) - 1, 0)) i
"""


def _with(body: str) -> str:
    return "DROP INDEX matter_words;" + FORM.replace("{}", body, 1) + INDEX


class Migration(migrations.Migration):
    dependencies = [("matters", "0004_lean_indexes")]
    operations = [migrations.RunSQL(_with(WALK), _with(FIRST))]
