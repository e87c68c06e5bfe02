export { balanceExpired, expireBalance, type Expiry } from './commands/expire.ts';
export { createTransfer, reverseTransfer, transferred, type TransferAnswer } from './commands/transfer.ts';
