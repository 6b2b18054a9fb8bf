"""Search over affairs by pairs of characters. Here, because the function is of matters and no package of theirs may know both."""

from django.db import migrations

FORWARD = (
    "CREATE INDEX affair_words ON affairs_affair USING gin (zh_bigrams(title || ' ' || answers::text)) "
    "WITH (fastupdate = on);"
)


class Migration(migrations.Migration):
    dependencies = [("learning", "0004_proposals"), ("matters", "0002_search"), ("affairs", "0001_affairs")]
    operations = [migrations.RunSQL(FORWARD, "DROP INDEX affair_words;")]
