import type { RecordCase } from './sample-records-2.ts';

/** A proof as a verifier gets it: the four texts and the sales. */
export const texts = ({ record, config, server_seed, digest, entries }: Omit<RecordCase, 'name'>): object => ({
  record,
  config,
  server_seed,
  digest,
  entries: Array.isArray(entries) ? entries.map(entryText) : entries,
});

const entryText = (entry: any): object => {
  if (entry === null || typeof entry !== 'object') return entry;
  const { firstTicket, playerHash, ...others } = entry;
  return {
    ...others,
    ...('firstTicket' in entry ? { first_ticket: firstTicket } : {}),
    ...('playerHash' in entry ? { player_hash: playerHash } : {}),
  };
};
