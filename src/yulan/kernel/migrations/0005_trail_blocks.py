"""Entries of many rows are found by blocks of ids, no more by each id."""

from django.db import migrations, models

from yulan.kernel.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_unindexed")]
    operations = [
        migrations.CreateModel(
            name="TrailBlock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField()),
                ("model", models.CharField(max_length=80)),
                ("block", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["model", "block"], name="trail_block")]},
        ),
        migrations.RunSQL(
            "INSERT INTO kernel_trailblock (seq, model, block) "
            "SELECT DISTINCT seq, model, CAST(object_id AS bigint) / 64 FROM kernel_trailtouch",
            migrations.RunSQL.noop,
        ),
        append_only("kernel_trailblock"),
        migrations.DeleteModel("TrailTouch"),
    ]
