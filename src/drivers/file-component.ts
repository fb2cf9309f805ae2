import type { Component } from '../components/component.js';

export const fileDriver: Component = {
  kind: 'driver',
  name: 'file',
  summary: 'a trace, or the traces of a folder in the order of their names',
  options: {},
};
