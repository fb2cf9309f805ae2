import type { Operator } from '../../model/policy.js';
import { contains } from './contains.js';
import { endsWith } from './endswith.js';
import { equal } from './equal.js';
import { exists } from './exists.js';
import { icontains } from './icontains.js';
import { isIn } from './in.js';
import type { OperatorDefinition } from './operator.js';
import { greater, greaterOrEqual, less, lessOrEqual } from './order.js';
import { pmatch } from './pmatch.js';
import { startsWith } from './startswith.js';
import { unequal } from './unequal.js';
import { within } from './within.js';

/** All operators by name. */
export const OPERATORS: Readonly<Record<Operator, OperatorDefinition>> = {
  '=': equal,
  '!=': unequal,
  '<': less,
  '<=': lessOrEqual,
  '>': greater,
  '>=': greaterOrEqual,
  in: isIn,
  startswith: startsWith,
  endswith: endsWith,
  contains,
  icontains,
  pmatch,
  within,
  exists,
};
