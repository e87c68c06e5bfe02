export { contentOf } from './content.ts';
export { defineEngine, serviceOf, type AccountOwner, type Engine } from './engine.ts';
export { getDefinition, type Found } from './lifecycle.ts';
export { settlementTask, type Payee, type Settling } from './settling.ts';
export { takeEffect } from './take-effect.ts';
