export {
  account, accountId, accountKind, assetOfAccount, isLocked, kindOfAccount, ownerOfAccount,
  type AccountId, type AccountKind, type AccountRow, type AssetNo, type Transfer,
} from './account.ts';
export { LATER, STALE, type CallOptions, type Command, type Given, type Peek, type Want } from './command.ts';
export { defineFact, factKind, type At, type Fact, type FactKind, type Operation, type Rows } from './fact.ts';
export { Followers, followStep, STEP_ROWS, type Following } from './follower.ts';
export { callOptions } from './options.ts';
export { prepareAll, runInOrder, runOne, runPrepared, type Prepared, type Ready, type Work } from './in-order.ts';
export { hashKey, Journal, type KeyScope } from './journal.ts';
export { outOfRange } from './state.ts';
export { column, defineTable, type RowOf, type Table } from './table.ts';
export { journalEntities, tableEntity } from './entities.ts';
export { rowNumbers } from './numbers.ts';
export { findOperation, findOperationByKey, findRow, selectRows } from './query.ts';
export { OPERATION, readOperations } from './operation.ts';
export { verifyOperator, type Verification } from './verify.ts';
export { recordFact, type Recorded } from './record.ts';
export { journalService, type JournalHost } from './service.ts';
