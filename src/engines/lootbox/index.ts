export { lootboxDraws } from './proof.ts';
export { lootboxService } from './service.ts';
