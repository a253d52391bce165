#!/bin/sh
# What the tests need beside Python: PostgreSQL, Chromium, a Chinese font, hledger. Installs what is missing as root
# on Debian; elsewhere names it, and fails under CI=true, where nothing is skipped.
missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$missing postgresql"
for browser in chromium chromium-browser google-chrome google-chrome-stable chrome none; do
    command -v $browser >/dev/null && break
done
[ $browser = none ] && missing="$missing chromium"
fc-list :lang=zh 2>/dev/null | grep -q . || missing="$missing fonts-noto-cjk"
command -v hledger >/dev/null || missing="$missing hledger"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    apt-get update -q && apt-get install -q -y --no-install-recommends fontconfig $missing && exit 0
fi
echo "The tests need these, which are not here:$missing"
echo "On Debian or Ubuntu: sudo apt-get install$missing"
[ "${CI:-}" != true ]
