"""The words of all documents, to find what somebody may have meant."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0003_plain_words_and_authors")]

    operations = [
        migrations.CreateModel(
            name="Word",
            fields=[
                (
                    "text",
                    models.CharField(
                        max_length=30, primary_key=True, serialize=False
                    ),
                ),
                ("folded", models.CharField(max_length=60)),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), size=None
                    ),
                ),
            ],
            options={
                "verbose_name": "word",
                "verbose_name_plural": "words",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["keys"], name="search_word_keys"
                    )
                ],
            },
        ),
    ]
