"""An index of the words in titles, for suggestions as one types."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.RunSQL(
            # The expression is the one that search.selectors.suggest asks with.
            """
            CREATE INDEX page_title_words ON wagtailcore_page
            USING gin (to_tsvector('simple'::regconfig, COALESCE(title, '')))
            """,
            "DROP INDEX page_title_words",
        ),
    ]
