/** The built-in components, one per line. */
import { fileDriver } from '../drivers/file-component.js';

import { ecsEncoder } from '../exporter/encoders/ecs-component.js';
import { jsonEncoder } from '../exporter/encoders/json-component.js';
import { textEncoder } from '../exporter/encoders/text-component.js';
import { exporterProcessor } from '../exporter/exporter-component.js';
import { fileTransport } from '../exporter/transports/file-component.js';
import { nullTransport } from '../exporter/transports/null-component.js';
import { terminalTransport } from '../exporter/transports/terminal-component.js';
import { policyEngine } from '../policy/component.js';
import { LANGUAGES } from '../policy/languages/table.js';
import { sysflowReader } from '../reader/component.js';
import { flattenerHandler } from '../reader/flattener.js';
import type { AnyComponent } from './component.js';
import { ComponentTable } from './component-table.js';
import { PLANNED } from './planned.js';

const COMPONENTS: readonly AnyComponent[] = [
  fileDriver,
  sysflowReader,
  flattenerHandler,
  policyEngine,
  exporterProcessor,
  terminalTransport,
  fileTransport,
  nullTransport,
  jsonEncoder,
  ecsEncoder,
  textEncoder,
  ...LANGUAGES,
];

export const BUILT_IN: ComponentTable = new ComponentTable(COMPONENTS, PLANNED);
