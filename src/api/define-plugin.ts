/** The types of plugins, and a function that lets TypeScript check a plugin. */
import type { ComponentKind } from '../components/component.js';
import type {
  ChoiceOption,
  DurationOption,
  IntegerOption,
  Option,
  Setting,
  SizeOption,
  StanzaSchema,
  SwitchOption,
  TextOption,
  TextsOption,
} from '../components/options.js';
import { API_VERSION } from '../components/plugins/plugin.js';
import type { ProcessorComponent } from '../components/processor.js';
import type { DriverComponent } from '../drivers/driver.js';
import type { EncoderComponent, TransportComponent } from '../exporter/component.js';
import type { ActionComponent } from '../policy/actions/action.js';
import type { RuleLanguage } from '../policy/languages/language.js';
import type { HandlerComponent } from '../reader/handler.js';

/** The components of each kind. */
export interface ComponentsByKind<Options> {
  readonly driver: DriverComponent<Options>;
  readonly handler: HandlerComponent<Options>;
  readonly processor: ProcessorComponent<Options>;
  readonly encoder: EncoderComponent<Options>;
  readonly transport: TransportComponent<Options>;
  readonly language: RuleLanguage;
  readonly action: ActionComponent;
}

/** The value of an option. */
export type ValueOf<O extends Option> = O extends SwitchOption
  ? boolean
  : O extends IntegerOption | SizeOption | DurationOption
    ? number
    : O extends { readonly type: ChoiceOption['type']; readonly choices: readonly (infer V)[] }
      ? V
      : O extends TextOption<infer V>
        ? V extends string
          ? string
          : string | null
        : O extends TextsOption
          ? readonly Setting[] | null
          : never;

/** The values of options, by key. */
export type ValuesOf<S extends StanzaSchema> = { readonly [K in keyof S]: ValueOf<S[K]> };

/** A component whose option values have the types of its option descriptions. */
export type ComponentOf<K extends ComponentKind, S extends StanzaSchema> = Omit<
  ComponentsByKind<ValuesOf<S>>[K],
  'kind' | 'options'
> & { readonly kind: K; readonly options: S };

/** A component with the API version that it is written for. */
export type Plugin<K extends ComponentKind = ComponentKind, S extends StanzaSchema = StanzaSchema> = ComponentOf<
  K,
  S
> & { readonly apiVersion: typeof API_VERSION };

/**
 * Returns the plugin, with {@link API_VERSION} if it names no version. It infers the types of the options that `create` receives
 * from their descriptions.
 *
 * @example
 * export default definePlugin({
 *   kind: 'processor',
 *   name: 'counter',
 *   summary: 'Counts records',
 *   in: 'flattenerchan',
 *   out: null,
 *   options: { every: { type: 'integer', minimum: 1, maximum: 1000, default: 100, description: 'How often it logs.' } },
 *   create: ({ every }, { log }) => ({ push: (batch) => batch.release(), end: async () => {} }),
 * });
 */
export function definePlugin<const K extends ComponentKind, const S extends StanzaSchema>(
  plugin: ComponentOf<K, S> & { readonly apiVersion?: typeof API_VERSION },
): Plugin<K, S> {
  return { apiVersion: API_VERSION, ...plugin } as Plugin<K, S>;
}
