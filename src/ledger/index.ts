export { createTransfer, reverseTransfer, type TransferAnswer } from './commands/transfer.ts';
export { trialBalance } from './queries.ts';
export { ROLL_UP, rollUp } from './roll-up.ts';
export { ledgerService, type LedgerHost } from './service.ts';
