export { takeEffect } from './changing.ts';
export { defineEngine, serviceOf, type Engine } from './engine.ts';
export { getDefinition } from './lifecycle.ts';
