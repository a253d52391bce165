"""Rows that the search index takes later."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_notices")]
    operations = [
        migrations.CreateModel(
            name="Unindexed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(max_length=80)),
                ("ids", models.TextField()),
            ],
        ),
    ]
