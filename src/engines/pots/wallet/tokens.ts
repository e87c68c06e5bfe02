import type { OperatorNo } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import { seal, unseal } from './secret.ts';

type Parts = Pick<Platform, 'orm' | 'webhookKeys'>;

/** A session is of one debit alone. */
const placeOf = (operator: OperatorNo, debitId: string): string => `wallet-token/${operator}/${debitId}`;

/** What sessions are kept by: the row of a contribution, and its debit. */
interface Owner {
  readonly row: number;
  readonly debitId: string;
}

/** Keeps the session of a player, so that another process can make the debit. */
export async function keepToken({ orm, webhookKeys }: Parts, operator: OperatorNo, owner: Owner, token: string) {
  const sealed = seal(webhookKeys, token, placeOf(operator, owner.debitId));
  await orm.em
    .fork()
    .execute('insert into pots_wallet_token (operator_id, id, token) values (?, ?, ?) on conflict do nothing', [
      operator,
      owner.row,
      sealed,
    ]);
}

/** The session that is kept; undefined: none. */
export async function keptToken(
  { orm, webhookKeys }: Parts,
  operator: OperatorNo,
  owner: Owner,
): Promise<string | undefined> {
  const [row] = await orm.em
    .fork()
    .execute<{ token: string }[]>('select token from pots_wallet_token where operator_id = ? and id = ?', [
      operator,
      owner.row,
    ]);
  return row === undefined ? undefined : unseal(webhookKeys, row.token, placeOf(operator, owner.debitId));
}

/** Deletes a session that is not needed any more. */
export async function dropToken({ orm }: Parts, operator: OperatorNo, row: number): Promise<void> {
  await orm.em.fork().execute('delete from pots_wallet_token where operator_id = ? and id = ?', [operator, row]);
}
