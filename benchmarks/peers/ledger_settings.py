"""Django for django-ledger: its own tables, Django's users, the SQLite settings of Yulan."""

import os

from yulan.site.database import database

SECRET_KEY = "benchmark"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin",
    "django_ledger",
]
MIDDLEWARE: list[str] = []
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {"default": database(f"sqlite:///{os.environ['YULAN_VAR']}/ledger.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
DJANGO_LEDGER_USE_DEPRECATED_BEHAVIOR = False
