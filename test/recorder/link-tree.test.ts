import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkTree } from '../../src/recorder/link-tree.js';

test('links by path: made, removed, moved with their folder, exchanged, forgotten', () => {
  const links = new LinkTree();
  assert.equal(links.get('/a/l'), undefined);
  links.set('/a/l', 'target');
  links.set('/a/b/m', '/other');
  assert.equal(links.get('/a/l'), 'target');
  assert.equal(links.get('/a'), undefined);
  links.move('/a', '/z/y');
  assert.equal(links.get('/a'), null);
  assert.equal(links.get('/a/l'), undefined);
  assert.equal(links.get('/z/y/l'), 'target');
  links.move('/z/y/l', '/z/y/l');
  links.exchange('/z/y/l', '/z/y/b/m');
  assert.equal(links.get('/z/y/l'), '/other');
  assert.equal(links.get('/z/y/b/m'), 'target');
  links.set('/z/y/l', null);
  assert.equal(links.get('/z/y/l'), null);
  links.forget('/z');
  links.forget('/none');
  assert.equal(links.get('/z/y/l'), undefined);
  links.set('/', 'nothing');
  assert.equal(links.get('/'), undefined);
});

test('what is kept is bounded', () => {
  const links = new LinkTree();
  links.set('/first', 'x');
  for (let i = 0; i < 70_000; i++) links.set(`/many/${i}`, null);
  assert.equal(links.get('/first'), undefined);
  assert.equal(links.get('/many/69999'), null);
});
