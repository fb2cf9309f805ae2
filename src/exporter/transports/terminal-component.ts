import type { TransportComponent } from '../component.js';
import { TerminalTransport } from './terminal.js';

export const terminalTransport: TransportComponent = {
  kind: 'transport',
  name: 'terminal',
  summary: 'standard output',
  options: {},
  writesTo: 'terminal',
  retries: 0,
  outputs: () => [{ path: null, key: '', rotateKeep: 0 }],
  create: (_options, { stdout }) => new TerminalTransport(stdout),
};
