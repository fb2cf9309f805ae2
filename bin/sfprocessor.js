#!/usr/bin/env node
require('../dist/bundle/cli/main.js');
