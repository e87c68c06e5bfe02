export {
  openPool,
  poolNeeds,
  poolOpened,
  poolState,
  poolStateName,
  TicketEntrySchema,
  TicketHolderSchema,
  TicketPoolSchema,
  ticketEntry,
  ticketHolder,
  ticketPool,
  type EntryRow,
  type PoolRow,
  type PoolState,
} from './pool.ts';
export { saleNeeds, sell, ticketsSold, type Sale } from './sell.ts';
export { drawWinningTickets, entriesFrom, type TicketWinner } from './winners.ts';
