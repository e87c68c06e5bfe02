export { createDefinition, updateDefinition, type Changed } from './changing.ts';
export { contentOf } from './content.ts';
export { defineEngine, servicesOf, type AccountOwner, type Engine, type Served } from './engine.ts';
export { getDefinition, type Found } from './lifecycle.ts';
export { settlementTask, type Payee, type Settling } from './settling.ts';
export { takeEffect } from './take-effect.ts';
