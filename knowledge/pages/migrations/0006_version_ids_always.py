"""No version without a public id."""

import accounts.public_ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pages", "0005_fill_version_ids")]

    operations = [
        migrations.AlterField(
            model_name="revisionnote",
            name="public_id",
            field=models.CharField(
                default=accounts.public_ids.new_long_id,
                editable=False,
                max_length=12,
                unique=True,
            ),
        ),
    ]
