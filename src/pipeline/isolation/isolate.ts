/**
 * Isolation of plugins: wraps a component whose code may throw, reject, hang, flood the pipeline or return invalid values, so that
 * the rest of the pipeline is not affected. Failures are logged with the plugin's name and file, and counted. Built-in components
 * are not wrapped.
 */
import type { AnyComponent } from '../../components/component.js';
import { nameWithFile, type Plugin, setPluginFile } from '../../components/plugins/plugin.js';
import type { AnyProcessor } from '../../components/processor.js';
import type { AnyDriver } from '../../drivers/driver.js';
import type { EncoderComponent, TransportComponent } from '../../exporter/component.js';
import type { RuleLanguage } from '../../policy/languages/language.js';
import type { HandlerComponent } from '../../reader/handler.js';
import { isolateDriver } from './driver.js';
import { isolateEncoder } from './encoder.js';
import { Guard } from './guard.js';
import { isolateHandler } from './handler.js';
import { isolateLanguage } from './language.js';
import type { PluginProblems } from './problems.js';
import { isolateProcessor } from './processor.js';
import { isolateTransport } from './transport.js';

/** The properties of components that are not functions. */
const FIELDS = ['kind', 'name', 'summary', 'options', 'in', 'out', 'outOf', 'slots', 'extensions', 'writesTo'] as const;

/** Wraps the component of a plugin. Actions are isolated where they are run, whether built in or not. */
export function isolate({ component, file }: Plugin, problems: PluginProblems): AnyComponent {
  if (component.kind === 'action') return component;
  const guard = new Guard(nameWithFile(component), problems);
  const plugin = component as unknown as Readonly<Record<string, unknown>>;
  // Copied by name, since members of a class are not enumerable.
  const declared = FIELDS.filter((name) => plugin[name] !== undefined).map((name) => [name, plugin[name]]);
  const isolated: AnyComponent = {
    ...component,
    ...Object.fromEntries(declared),
    ...functionsOf(component, guard),
    ...(component.check && { check: (options, signal) => component.check!(options, signal) }),
  };
  setPluginFile(isolated, file);
  return isolated;
}

function functionsOf(component: AnyComponent, guard: Guard): Partial<AnyComponent> {
  switch (component.kind) {
    case 'driver':
      return isolateDriver(component as AnyDriver, guard);
    case 'handler':
      return isolateHandler(component as HandlerComponent, guard);
    case 'processor':
      return isolateProcessor(component as AnyProcessor, guard);
    case 'encoder':
      return isolateEncoder(component as EncoderComponent, guard);
    case 'transport':
      return isolateTransport(component as TransportComponent, guard);
    case 'language':
      return isolateLanguage(component as RuleLanguage, guard);
    default:
      return {};
  }
}
