import { definitionVersion } from '../../../catalogue/index.ts';
import type { Names } from '../../../events/index.ts';
import { jackpots } from '../../jackpot/index.ts';

/** What a version of an instance says; null: it is another jackpot's, or is not read yet. */
export function instanceOf(version: bigint, names: Names) {
  const { definitionId, format, content } = names.row(definitionVersion, version);
  if (definitionId === 0) return null;
  const { name, asset, instance } = jackpots.read(format, content);
  if (instance === undefined) return null;
  return {
    brand: instance.brand,
    instanceId: names.definition(definitionId),
    jackpotName: name,
    jackpotCurrency: asset,
    gameCode: instance.gameCode,
  };
}
