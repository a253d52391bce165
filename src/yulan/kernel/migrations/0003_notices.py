"""Notices, and how far each subscriber of the feed has read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_guards")]
    operations = [
        migrations.CreateModel(
            name="Cursor",
            fields=[
                ("subscriber", models.CharField(max_length=150, primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recipient", models.CharField(max_length=150)),
                ("seq", models.BigIntegerField()),
                ("kind", models.CharField(choices=[("yours", "yours"), ("waiting", "waiting")], max_length=10)),
                ("model", models.CharField(max_length=80)),
                ("object_id", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("recipient", "seq"), name="notice_once")],
                "indexes": [
                    models.Index(fields=["recipient", "read_at"], name="notice_unread"),
                    models.Index(fields=["model", "object_id", "kind"], name="notice_object"),
                ],
            },
        ),
    ]
