"""The pairs of letters of a text as one expression, which the server works into the index itself: it gives the same pairs in half the time.

The pairs that begin at an odd letter and those that begin at an even one are each cut by one replacement; what is left behind the last
mark (a single letter or nothing) is trimmed. The mark does not occur in a cleaned text. The same pairs, so the index stays.
"""

from importlib import import_module

from django.db import migrations

before = import_module("tongxin.matters.migrations.0005_pairs_in_one_walk")
EXPRESSION = r"""
CREATE OR REPLACE FUNCTION zh_bigrams(s text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(s) < 2 THEN '{}'::text[] ELSE
        trim_array(string_to_array(regexp_replace(lower(s), '(.)(.)', E'\\1\\2\x01', 'g'), E'\x01'), 1)
        || trim_array(string_to_array(regexp_replace(substr(lower(s), 2), '(.)(.)', E'\\1\\2\x01', 'g'), E'\x01'), 1)
    END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("matters", "0005_pairs_in_one_walk")]
    operations = [migrations.RunSQL(EXPRESSION, before.FORM.replace("{}", before.WALK, 1))]
