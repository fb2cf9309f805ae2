import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstOf, parseAddress, parseNetwork } from '../../src/sysflow/ipv4-network.js';

test('networks and single addresses', () => {
  assert.deepEqual(parseNetwork('10.0.0.0/8'), { first: 0x0a000000, bits: 8 });
  assert.deepEqual(parseNetwork('255.255.255.255'), { first: 0xffffffff, bits: 32 });
  assert.deepEqual(parseNetwork('192.168.77.5/16'), { first: 0xc0a80000, bits: 16 });
  assert.deepEqual(parseNetwork('1.2.3.4/0'), { first: 0, bits: 0 });
});

test('texts that are not networks', () => {
  for (const text of [
    '',
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.256',
    '10.0.0.0/',
    ' 10.0.0.0/8',
    '10.0.0.0/8/8',
    '::1',
    'a.b.c.d',
  ]) {
    assert.equal(parseNetwork(text), null, text);
  }
  assert.equal(parseAddress('10.0.0.0/8'), null);
});

test('an address lies in the network of each of its prefixes and in none that differs within it', () => {
  const octet = fc.nat(255);
  fc.assert(
    fc.property(
      fc.tuple(octet, octet, octet, octet),
      fc.integer({ min: 1, max: 32 }),
      fc.nat(31),
      (octets, bits, flipped) => {
        const address = parseAddress(octets.join('.'))!;
        const network = parseNetwork(`${octets.join('.')}/${bits}`)!;
        assert.equal(firstOf(address, bits), network.first);
        const other = (address ^ (1 << (31 - flipped))) >>> 0;
        assert.equal(firstOf(other, bits) === network.first, flipped >= bits);
      },
    ),
  );
});
