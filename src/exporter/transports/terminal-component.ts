import type { TransportComponent } from '../component.js';
import { TerminalTransport } from './terminal.js';

export const terminalTransport: TransportComponent = {
  kind: 'transport',
  name: 'terminal',
  summary: 'standard output',
  options: {},
  writesTo: 'terminal',
  outputs: () => [{ path: null, key: '', rotateKeep: 0 }],
  create: (_options, { stdout, events }) => new TerminalTransport(stdout, events),
};
