import type { EncoderComponent } from '../component.js';
import { createJsonEncoder } from './json.js';

export const jsonEncoder: EncoderComponent = {
  kind: 'encoder',
  name: 'json',
  summary: 'the SysFlow schema, version 5',
  options: {},
  create: () => createJsonEncoder(),
};
