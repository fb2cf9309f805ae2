/** Health checks: components report before the start why they cannot work. */
import type { AnyComponent } from '../components/component.js';
import { defaultOptions, ownOptions } from '../components/component-table.js';
import { pluginFileOf, reasonOf } from '../components/plugins/plugin.js';
import type { Preparation } from '../components/processor.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { DriverPlan } from './prepare.js';
import { type StagePlan, slotsOf, stagesOf } from './tree.js';

/** Time limit of a check in milliseconds. */
const CHECK_LIMIT = 10_000;

/** A component with the options of its stanza. */
export interface CheckedComponent {
  readonly component: AnyComponent;
  readonly options: unknown;
}

/** All components of a pipeline, once for each use: drivers, stages, the components of their slots, and prepared components. */
export function componentsOf(
  drivers: readonly DriverPlan[],
  prepared: ReadonlyMap<StagePlan, Preparation>,
): CheckedComponent[] {
  const stages = stagesOf(drivers.flatMap(({ receivers }) => receivers));
  return [
    ...drivers.map(({ component, options }) => ({ component, options: ownOptions(component, options) })),
    ...stages.flatMap((stage) => [
      { component: stage.component, options: stage.options },
      ...Object.values(slotsOf(stage)),
      ...(prepared.get(stage)?.components ?? []).map((component) => ({
        component,
        options: defaultOptions(component),
      })),
    ]),
  ];
}

/**
 * Runs the checks of components concurrently.
 *
 * @param diagnostics receives each problem as an error with the name of the component and its file
 * @param limit time limit of each check in milliseconds
 */
export async function checkHealth(
  checked: readonly CheckedComponent[],
  diagnostics: Diagnostics,
  limit: number = CHECK_LIMIT,
): Promise<void> {
  const found = await Promise.all(checked.map((one) => problemsOf(one, limit)));
  for (const [i, problems] of found.entries()) {
    const { component } = checked[i]!;
    const file = pluginFileOf(component);
    const source = file === undefined ? null : { path: file, text: '' };
    for (const problem of problems) {
      diagnostics.error('health-check', `${component.kind} '${component.name}': ${problem}`, source, null);
    }
  }
}

async function problemsOf({ component, options }: CheckedComponent, limit: number): Promise<readonly string[]> {
  if (component.check === undefined) return [];
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(() => resolve([`the check did not end within ${limit / 1000} s`]), limit);
  });
  try {
    const problems: unknown = await Promise.race([component.check(options, abort.signal), late]);
    return Array.isArray(problems) ? problems.map(String) : ['the check did not return an array of problems'];
  } catch (error) {
    return [`the check failed: ${reasonOf(error)}`];
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}
