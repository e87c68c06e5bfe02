import { verify, type KeyObject } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Versions } from '../catalogue/index.ts';
import { createReads } from '../db/index.ts';
import { engines } from '../engines/index.ts';
import { readEpoch, type AuditKey, type ReceiptAudit } from '../journal/index.ts';
import { receiptPublicKey, requireKeys, seedKeys } from '../key-ring.ts';
import type { MasterKey } from '../master-keys.ts';
import { Directory } from '../tenants/index.ts';

/** How far the clocks of servers and database may be apart when a key begins to be used. */
const CLOCKS_MS = 60_000;

/**
 * What the receipts of a database are checked with: its keys, and the same code that shows proofs and receipts. Throws
 * a ConfigError if the keys are not those that the database was used with. Writes nothing.
 */
export async function receiptAudit(orm: MikroORM, keys: readonly MasterKey[]): Promise<ReceiptAudit> {
  await requireKeys(orm, keys);
  const reads = createReads(orm);
  const tenants = new Directory(reads);
  const versions = new Versions(reads);
  const sources = { reads, tenants, versions, keys: seedKeys(keys, await readEpoch(orm.em.fork())) };
  const draws = engines.flatMap((engine) => engine.draws(sources));
  const kinds = new Map(draws.map((draw) => [draw.kind, draw]));
  const signers = new Map(
    keys.map((key, i) => [key.id, auditKey(receiptPublicKey(key), key.from, keys[i + 1]?.from ?? Infinity)]),
  );
  return {
    kinds: [...new Set(draws.map(({ kind }) => kind.number))],
    nameOf: async (operator) => (await tenants.of(operator)).name,
    key: (id) => signers.get(id),
    async digestsOf(operator, { kind, id, data }, place) {
      const proved = await kinds.get(kind)?.prove(operator, id, data, place, false);
      return (proved?.records ?? []).map(({ digest }) => digest);
    },
  };
}

/** @param from from when it is used, @param until until when: milliseconds since 1970. */
const auditKey = (key: KeyObject, from: number, until: number): AuditKey => ({
  isUsedAt: (time) => time / 1000 >= from - CLOCKS_MS && time / 1000 <= until + CLOCKS_MS,
  hasSigned: (message, signature) => verify(null, Buffer.from(message), key, signature),
});
