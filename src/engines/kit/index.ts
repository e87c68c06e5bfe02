export { archiveByTask } from './archive-by-task.ts';
export { archiveDefinition, createDefinition, updateDefinition, type Changed } from './changing.ts';
export type { DefinitionRequest } from './change-request.ts';
export { contentOf } from './content.ts';
export {
  defineEngine,
  servicesOf,
  type AccountOwner,
  type Background,
  type BackgroundHost,
  type Engine,
  type Served,
} from './engine.ts';
export { wasCreated } from './known-call.ts';
export { getDefinition, type Found } from './lifecycle.ts';
export { settlementTask, type Payee, type Settling } from './settling.ts';
export { listTicketEntries } from './ticket-entries.ts';
export { takeEffect } from './take-effect.ts';
