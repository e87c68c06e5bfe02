export { PAGE, payPage, type Page, type Payee } from './pay.ts';
export {
  openSettlement,
  settlement,
  settlementNeeds,
  settlementOpened,
  settlementPaid,
  SettlementSchema,
  type NewSettlement,
  type SettlementRow,
} from './settlement.ts';
