import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { EncodedPiece } from '../../../src/exporter/encoded-piece.js';
import { type FailedRecords, OK, type SendResult, type Transport } from '../../../src/exporter/transport.js';
import { ManualClock, Output } from '../support/output.js';

/** A result as it is drawn: places of partial results are parts of the records that are sent. */
interface Drawn {
  readonly kind: SendResult['kind'] | 'throw';
  readonly isLater: boolean;
  readonly cuts: readonly (readonly [from: number, length: number, action: 'retry' | 'reject'])[];
}

/** Gives drawn results and keeps what it took. */
class DrawnTransport implements Transport {
  readonly target = 'memory';
  readonly needs = 'bytes';
  readonly mostPieces: number;
  readonly taken: number[] = [];
  readonly refused: number[] = [];
  /** Whether calls overlapped, or had too many pieces. */
  isMisused = false;
  /** Calls under way. */
  calls = 0;
  readonly #results: Drawn[];

  constructor(results: readonly Drawn[], mostPieces: number) {
    this.#results = [...results];
    this.mostPieces = mostPieces;
  }

  connect = async (): Promise<typeof OK> => OK;
  close = async (): Promise<typeof OK> => OK;

  send(pieces: readonly EncodedPiece[]): SendResult | Promise<SendResult> {
    if (this.calls > 0 || pieces.length > this.mostPieces) this.isMisused = true;
    const numbers = pieces.flatMap(({ bytes, count }) => {
      const lines = Buffer.from(bytes).toString().split('\n').slice(0, -1);
      if (lines.length !== count) this.isMisused = true;
      return lines.map(Number);
    });
    const drawn = this.#results.shift();
    if (drawn === undefined || !drawn.isLater) return this.#take(numbers, drawn);
    this.calls++;
    return turn().then(() => {
      this.calls--;
      return this.#take(numbers, drawn);
    });
  }

  #take(numbers: readonly number[], drawn: Drawn | undefined): SendResult {
    switch (drawn?.kind) {
      case 'throw':
        throw new Error('broken');
      case 'not-connected':
        return { kind: 'not-connected', reason: 'down' };
      case 'back-off':
        return { kind: 'back-off', milliseconds: 10, reason: 'busy' };
      case 'partial': {
        const failed: FailedRecords[] = [];
        let next = 0;
        for (const [skip, length, action] of drawn.cuts) {
          const from = Math.min(numbers.length, next + skip);
          next = Math.min(numbers.length, from + length);
          if (from < next) failed.push({ from, to: next, action, reason: action });
        }
        for (const [i, number] of numbers.entries()) {
          const range = failed.find(({ from, to }) => from <= i && i < to);
          if (range === undefined) this.taken.push(number);
          else if (range.action === 'reject') this.refused.push(number);
        }
        return { kind: 'partial', failed };
      }
      default:
        this.taken.push(...numbers);
        return OK;
    }
  }
}

const drawnResult = fc.record({
  kind: fc.constantFrom<Drawn['kind']>('ok', 'not-connected', 'back-off', 'partial', 'partial', 'throw'),
  isLater: fc.boolean(),
  cuts: fc.array(
    fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 4 }), fc.constantFrom<'retry' | 'reject'>('retry', 'reject')),
    { maxLength: 3 },
  ),
});

/** Longer than all tries of a run together, milliseconds. */
const LONG = 10_000_000;

test('whatever the results are, each record is delivered once or counted as what it came to, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(drawnResult, { maxLength: 30 }),
      fc.array(fc.nat(4), { maxLength: 30 }),
      fc.record({
        retries: fc.constantFrom(0, 1, 3, Number.POSITIVE_INFINITY),
        overflow: fc.constantFrom<'block' | 'dropNewest' | 'dropOldest'>('block', 'dropNewest', 'dropOldest'),
        queueSize: fc.constantFrom(0, 1100, 1 << 20),
        drain: fc.constantFrom(0, 2500, LONG),
      }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(30),
      async (results, sizes, policy, mostPieces, turns) => {
        const transport = new DrawnTransport(results, mostPieces);
        const clock = new ManualClock();
        const output = new Output(transport, policy, { now: clock.now, wait: clock.wait });
        assert.equal(await output.open(), null);
        let isOver = false;
        const moving = (async () => {
          for (let i = 0; !isOver; i++) {
            await turn();
            // What a call takes that is given up on the way cannot be known.
            if (i >= turns && transport.calls === 0) clock.next();
          }
        })();
        const settled: boolean[] = [];
        let settlements = 0;
        let records = 0;
        const pieceOf = new Map<number, number>();
        try {
          for (const [piece, size] of sizes.entries()) {
            const numbers = Array.from({ length: size }, () => records++);
            for (const number of numbers) pieceOf.set(number, piece);
            const bytes = Buffer.from(numbers.map((number) => `${number}\n`).join(''));
            const room = output.delivery.offer(
              new EncodedPiece(bytes, size, null, (isDelivered) => {
                settlements++;
                settled[piece] = isDelivered;
              }),
            );
            if (room !== undefined) {
              assert.equal(policy.overflow, 'block');
              await room;
            }
          }
          await output.close();
        } finally {
          isOver = true;
          await moving;
        }
        const { taken, refused } = transport;
        assert.ok(!transport.isMisused);
        assert.equal(new Set(taken).size, taken.length, 'no record is delivered twice');
        assert.equal(settlements, sizes.length, 'each piece is settled once');
        const { statistics } = output;
        assert.equal(statistics.records, taken.length);
        assert.equal(statistics.rejected, refused.length);
        assert.equal(statistics.records + statistics.rejected + statistics.lost + statistics.dropped, records);
        // Empty pieces are not sent.
        const sent = [...new Set(pieceOf.values())];
        const ofPieces = taken.map((number) => sent.indexOf(pieceOf.get(number)!));
        const groups = ofPieces.map((piece, i) => Math.max(0, ...ofPieces.slice(0, i)) - piece);
        // Records of one group may be repeated after others of it, never after those of a later group.
        assert.ok(
          groups.every((back) => back < mostPieces),
          'the order is kept',
        );
        const whole = new Set(taken);
        for (const [piece] of sizes.entries()) {
          const own = [...pieceOf].filter(([, one]) => one === piece).map(([number]) => number);
          assert.equal(
            settled[piece],
            own.every((number) => whole.has(number)),
          );
        }
        if (policy.retries === Number.POSITIVE_INFINITY && policy.overflow === 'block' && policy.drain === LONG) {
          assert.equal(statistics.lost, 0, 'nothing is lost that is only late');
        }
      },
    ),
    { numRuns: 1000 },
  );
});
