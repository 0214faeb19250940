"""A public id for each version. It is filled and made obligatory in the next two."""

import accounts.public_ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pages", "0003_import")]

    operations = [
        migrations.AddField(
            model_name="revisionnote",
            name="public_id",
            field=models.CharField(
                default=None, editable=False, max_length=12, null=True, unique=True
            ),
        ),
        # What is written from here on has one; what is there gets it in the next.
        migrations.AlterField(
            model_name="revisionnote",
            name="public_id",
            field=models.CharField(
                default=accounts.public_ids.new_long_id,
                editable=False,
                max_length=12,
                null=True,
                unique=True,
            ),
        ),
    ]
