"""Failed sign-ins are counted in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0002_exclusive_roles")]
    operations = [
        migrations.CreateModel(
            name="SignInTries",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField(default=0)),
                ("since", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
