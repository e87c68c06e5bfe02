import type { OperationAccount } from '../../../gen/ts/windfall/journal/v1/journal.ts';
import { definition, idOfCode } from '../../catalogue/index.ts';
import {
  kindOfAccount,
  ownerOfAccount,
  readRowsById,
  type AccountId,
  type AccountKind,
  type Operation,
} from '../../journal/index.ts';
import type { OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';

/** How to find the definitions that accounts of a kind belong to; several engines may have accounts of one kind. */
export type AccountOwners = readonly {
  readonly kind: AccountKind;
  definitionsOf(
    platform: Platform,
    operator: OperatorNo,
    owners: readonly number[],
  ): Promise<ReadonlyMap<number, number>>;
}[];

/** Reads the public names of the accounts of an operation. */
export async function accountNames(
  platform: Platform,
  operator: OperatorNo,
  { facts }: Operation,
  owners: AccountOwners,
): Promise<(id: AccountId) => OperationAccount> {
  const accounts = facts.flatMap(({ transfers }) => transfers.flatMap(({ from, to }) => [from, to]));
  const ownersOf = (kind: AccountKind): number[] => [
    ...new Set(accounts.filter((id) => kindOfAccount(id) === kind).map(ownerOfAccount)),
  ];
  const players = await platform.players.byId(operator, ownersOf('player'));
  const definitions = new Map<AccountKind, ReadonlyMap<number, string>>();
  for (const owner of owners) {
    const heads = await owner.definitionsOf(platform, operator, ownersOf(owner.kind));
    const ids = await definitionIds(platform, operator, heads);
    definitions.set(owner.kind, new Map([...(definitions.get(owner.kind) ?? []), ...ids]));
  }
  const tenant = await platform.tenants.of(operator);
  return (id) => {
    const kind = kindOfAccount(id);
    const owner = ownerOfAccount(id);
    const player = kind === 'player' ? players.get(owner) : undefined;
    return {
      kind,
      userId: player?.userId,
      brandId: player === undefined ? undefined : tenant.brandName(player.brandId),
      definitionId: definitions.get(kind)?.get(owner),
    };
  };
}

/** The operator's ids of definitions, by the numbers of their accounts' owners. */
async function definitionIds(
  { reads }: Platform,
  operator: OperatorNo,
  heads: ReadonlyMap<number, number>,
): Promise<ReadonlyMap<number, string>> {
  if (heads.size === 0) return new Map();
  const rows = await reads((em) => readRowsById(em, definition, operator, [...heads.values()]));
  const codes = new Map(rows.map(({ id, code }) => [id, idOfCode(code)]));
  return new Map([...heads].flatMap(([owner, head]) => (codes.has(head) ? [[owner, codes.get(head)!]] : [])));
}
