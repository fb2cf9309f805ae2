import type { EncoderComponent } from '../component.js';
import { createEcsEncoder } from './ecs.js';

export const ecsEncoder: EncoderComponent = {
  kind: 'encoder',
  name: 'ecs',
  summary: 'the Elastic Common Schema 8.2',
  options: {},
  create: (_options, { version }) => createEcsEncoder(version),
};
