export { defineEngine, serviceOf, type Engine } from './engine.ts';
export { getDefinition } from './lifecycle.ts';
export { takeEffect } from './take-effect.ts';
