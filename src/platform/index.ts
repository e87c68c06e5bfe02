export { answerAhead } from './answer-ahead.ts';
export { read, type Operation, type OperationOf, type Platform } from './platform.ts';
export { batchOf, streamOf, write, type CallOf, type Input, type Write, type WriteOperation } from './write.ts';
