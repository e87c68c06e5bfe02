import type { JsonObject } from '@bufbuild/protobuf';
import type { Outcome as Called } from '../support/api.ts';
import type { Ending, Wish } from './jackpot-answered.ts';

const METHODS: Readonly<Record<Ending['kind'], string>> = {
  archive: 'ArchiveJackpot',
  resume: 'UpdateJackpot',
  draw: 'DrawPot',
  transfer: 'TransferPot',
};

export const isEnding = (wish: Wish): wish is Ending => wish.kind in METHODS;

/** The call of an ending. */
export function endingCall({ kind, jackpot, pot, to, key }: Ending): {
  readonly rpc: string;
  readonly request: JsonObject;
} {
  const request: JsonObject = { id: jackpot, idempotency_key: key };
  if (kind === 'resume') request['status'] = 'active';
  if (kind === 'draw' || kind === 'transfer') request['pot_id'] = pot;
  if (kind === 'transfer') Object.assign(request, { to_jackpot_id: to.jackpot, to_pot_id: to.pot });
  return { rpc: `JackpotService.${METHODS[kind]}`, request };
}

/** A draw as in the response and as in the model, in one text. */
export const drawText = (cycle: unknown, won: string, contributed: string, point: string, winner: string): string =>
  `cycle ${String(cycle)}: ${won} to ${winner}, at ${point} of ${contributed}`;

/** A transfer as in the response and as in the model, in one text. */
export const transferText = (moved: string, value: string, reserve: string, surplus: string, after: string): string =>
  `${moved}: ${value}, ${reserve}, ${surplus}, then ${after}`;

/** What the answer to an ending says. The status of a jackpot is not known by its operation, but by its key. */
export function endingAnswer(
  { kind, key }: Ending,
  { body, replayed }: Called,
): { id: string; answer: string; deduped: boolean } {
  const said = body as any;
  if (kind === 'draw') {
    const { draw_id: id, deduped, cycle, won, contributed, point, winner_user_id: winner, withheld } = said;
    if (withheld) throw new Error(`draw ${id} is withheld`);
    return { id, deduped, answer: drawText(cycle, won, contributed, point, winner) };
  }
  if (kind === 'transfer') {
    const { transfer_id: id, deduped, moved, to_value: value, to_reserve: reserve, to_surplus: surplus } = said;
    return { id, deduped, answer: transferText(moved, value, reserve, surplus, said.value) };
  }
  return { id: `${kind} ${key}`, deduped: replayed, answer: said.status };
}
