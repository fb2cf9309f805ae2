import type { TransportComponent } from '../../exporter/component.js';
import type { Guard } from './guard.js';

/** The result of a call of a transport plugin: an attempt to connect, send or close. */
interface AttemptResult {
  readonly kind: string;
}

/** The methods of a transport that return a result. */
type Attempts = Record<string, ((...values: readonly unknown[]) => unknown) | undefined>;

const CALLS = ['connect', 'send', 'reopen', 'close'] as const;
const REQUIRED = ['connect', 'send', 'close'] as const;

/** Wraps a transport plugin and catches its failures. */
export function isolateTransport(plugin: TransportComponent, guard: Guard): Partial<TransportComponent> {
  return {
    create(options, environment) {
      const create = (): Attempts => plugin.create(options, environment) as unknown as Attempts;
      return isolatedTransport(guard.create(create, REQUIRED), guard) as unknown as ReturnType<
        TransportComponent['create']
      >;
    },
    ...(plugin.outputs && { outputs: (options) => guard.call('outputs', () => plugin.outputs!(options)) ?? [] }),
  };
}

/**
 * A transport of a plugin. An exception, a rejection, an invalid result and a call that does not settle in time become the result
 * `not-connected` with the reason, so that delivery retries, drops and counts as for any transport.
 */
export function isolatedTransport(transport: Attempts, guard: Guard): Attempts {
  const { target, needs, mostPieces } = transport as Readonly<Record<string, unknown>>;
  const isolated: Record<string, unknown> = {
    target: typeof target === 'string' ? target : guard.name,
    needs: needs === 'records' ? 'records' : 'bytes',
    ...(Number.isSafeInteger(mostPieces) && (mostPieces as number) > 0 ? { mostPieces } : {}),
  };
  for (const name of CALLS) {
    if (typeof transport[name] !== 'function') continue;
    isolated[name] = (...values: readonly unknown[]) => attempt(name, () => transport[name]!(...values), guard);
  }
  return isolated as Attempts;
}

async function attempt(name: string, work: () => unknown, guard: Guard): Promise<unknown> {
  const result = await guard.attempt(work);
  if (result.problem === null && isResult(result.value)) return result.value;
  const reason = `${guard.name}: ${name} ${result.problem ?? 'returned no valid result'}`;
  return { kind: 'not-connected', reason };
}

function isResult(value: unknown): value is AttemptResult {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, reason, milliseconds, failed } = value as Readonly<Record<string, unknown>>;
  switch (kind) {
    case 'ok':
      return true;
    case 'not-connected':
      return typeof reason === 'string';
    case 'back-off':
      return typeof reason === 'string' && Number.isFinite(milliseconds);
    case 'partial':
      return Array.isArray(failed);
    default:
      return false;
  }
}
