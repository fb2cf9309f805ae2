#!/bin/sh
# Starts the shop as many a shop is started: as root, in its folder, with a log.
cd /srv/shop || exit 1
mkdir -p exports /var/log/shop
exec node server.mjs >>/var/log/shop/shop.log 2>&1
