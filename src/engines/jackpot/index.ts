export { jackpotCatalogue } from './catalogue.ts';
export { jackpotDraws } from './proof.ts';
export { jackpotService } from './service.ts';
export { JackpotTimers } from './timers.ts';
