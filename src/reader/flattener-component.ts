import type { Component } from '../components/component.js';

export const flattenerHandler: Component = {
  kind: 'handler',
  name: 'flattener',
  summary: 'joins each event with its entities',
  options: {},
};
