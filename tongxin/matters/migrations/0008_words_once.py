"""Words of a title that is the text's own first words are indexed once: most reports have no other, and theirs was the dearest index."""

from django.db import migrations

SPOKEN = "CASE WHEN starts_with(text, title) THEN text ELSE title || ' ' || text END"
INDEX = "DROP INDEX matter_words; CREATE INDEX matter_words ON matters_matter USING gin (zh_bigrams({})) WITH (fastupdate = on);"


class Migration(migrations.Migration):
    dependencies = [("matters", "0007_rows_that_have_it")]
    operations = [migrations.RunSQL(INDEX.format(SPOKEN), INDEX.format("title || ' ' || text"))]
