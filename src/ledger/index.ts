export { createTransfer, reverseTransfer, transferred, type TransferAnswer } from './commands/transfer.ts';
