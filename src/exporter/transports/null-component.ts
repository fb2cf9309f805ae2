import type { TransportComponent } from '../component.js';
import { NullTransport } from './null.js';

export const nullTransport: TransportComponent = {
  kind: 'transport',
  name: 'null',
  summary: 'nowhere, to measure what comes before',
  options: {},
  writesTo: 'nothing',
  retries: 0,
  create: () => new NullTransport(),
};
