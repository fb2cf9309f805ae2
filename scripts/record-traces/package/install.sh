#!/bin/sh
# Builds, installs, uses and removes a package.
set -e
dpkg-deb --build --root-owner-group shop-tools shop-tools_1.0_all.deb
dpkg --info shop-tools_1.0_all.deb
apt-get install -y --no-install-recommends ./shop-tools_1.0_all.deb
dpkg -s shop-tools
dpkg -L shop-tools
shop-report
dpkg --purge shop-tools
