import type { EncoderComponent } from '../component.js';
import { createTextEncoder } from './text.js';

export const textEncoder: EncoderComponent = {
  kind: 'encoder',
  name: 'text',
  summary: 'a line for people to read',
  options: {},
  create: (_options, { color, sources }) => createTextEncoder(color, sources),
};
