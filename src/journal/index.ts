export { activeOn, DAY } from './activity.ts';
export {
  account,
  accountId,
  accountKind,
  accountsOf,
  assetOfAccount,
  isLocked,
  isPlayers,
  kindOfAccount,
  ownerOfAccount,
  type AccountId,
  type AccountKind,
  type AccountRow,
  type AssetNo,
  type Transfer,
} from './account.ts';
export {
  DeferredError,
  StaleVersionError,
  type CallOptions,
  type Command,
  type Snapshot,
  type LoadedRows,
  type RowRequests,
} from './command.ts';
export {
  beginEpoch,
  beginEpochIn,
  EPOCH_LOCK,
  EPOCH_SQL,
  journalTx,
  LAST_ENTRY_SQL,
  readEpoch,
  sealedEpoch,
  type Epoch,
} from './epoch.ts';
export {
  aggregateName,
  changesSince,
  lastSequence,
  rowOfAggregate,
  type AggregateName,
  type Change,
} from './changes.ts';
export {
  defineFact,
  type FactMetadata,
  type FactPlace,
  type Fact,
  type FactKind,
  type Operation,
  type Rows,
} from './fact.ts';
export { EXPIRE_TASK, expiredBalance, type ExpiredBalance } from './expiry.ts';
export {
  Followers,
  followStep,
  NEW_ROWS,
  STEP_ROWS,
  type Execute,
  type Projection,
  type StepParams,
} from './follower.ts';
export { findReceipts, receiptText, recordDigest, type Receipt, type ReceiptSigner } from './receipt.ts';
export { isDue, type TaskOrder } from './order.ts';
export {
  prepareAll,
  runInOrder,
  runOne,
  runPrepared,
  type Prepared,
  type PreparedCall,
  type Work,
} from './in-order.ts';
export { LagWatch } from './lag.ts';
export { workOf } from './load.ts';
export {
  callOptions,
  hashKey,
  hashNaturalKey,
  hashOnceKey,
  Journal,
  taskOptions,
  type KeyScope,
  type NaturalKey,
} from './journal.ts';
export { outOfRange } from './state.ts';
export { stateTable, type RowOf, type Table } from './table.ts';
export { journalEntities } from './entities.ts';
export { rowNumbers } from './numbers.ts';
export { playersOf } from './operation.ts';
export { factsAfter, factsIn, factsOf, type AggregateFact } from './aggregate-facts.ts';
export {
  findOperation,
  findOperationByKey,
  findOperations,
  findRow,
  readRows,
  readRowsById,
  readText,
} from './query.ts';
export { Register, type Part } from './register.ts';
export { rollUp } from './roll-up.ts';
export { balancesOf, statementOf, trialBalance, type Line } from './statements.ts';
export { verifyOperator, type Verification } from './verify.ts';
export type { AuditKey, ReceiptAudit } from './verify-receipts.ts';
export { findRecorded, recordFact, type Recorded } from './record.ts';
export { sealedTable, sealing, sealRow, type SealedTable, type SealTransaction } from './row-seal.ts';
export { verifySealed } from './verify-sealed.ts';
