export { answerAhead } from './answer-ahead.ts';
export { read, type Operation, type OperationOf, type Platform, type ProofSources } from './platform.ts';
export { gatherReceipts } from './receipted.ts';
export { receiptsOf, recordsOf } from './receipts.ts';
export { batchOf, streamOf } from './siblings.ts';
export { write, type CallOf, type Input, type Write, type WriteOperation } from './write.ts';
