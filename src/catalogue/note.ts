import { DefinitionNoted } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { defineFact, type Fact, type RowRequests, type Snapshot } from '../journal/index.ts';
import { change, type NoteName } from './change.ts';
import { definition } from './entities.ts';
import type { VersionName } from './kind.ts';

/** Something was done with a definition that its changelog tells, though it changes nothing of it. */
export const definitionNoted = defineFact<DefinitionNoted>({
  name: 'catalogue.definition-noted',
  number: 502,
  version: 1,
  aggregate: definition,
  codec: DefinitionNoted,
  evolve() {
    // Its place in the journal is all that there is to it.
  },
});

/** Requests the row that `noted` counts the note at. */
export const noteNeeds = ({ definitionId }: VersionName, rows: RowRequests): void =>
  rows.lock(definition, definitionId);

/** What a note tells besides its reason. */
export interface NoteDetails {
  readonly subject: string;
  /** Decimal strings; empty: none. */
  readonly before: string;
  readonly after: string;
}
const NO_DETAILS: NoteDetails = { subject: '', before: '', after: '' };

/** The entry of the changelog that tells what was done, and why. */
export function noted(
  { definitionId }: VersionName,
  note: NoteName,
  reason: string,
  snapshot: Snapshot,
  details = NO_DETAILS,
): Fact<DefinitionNoted> {
  const { status, version } = snapshot.row(definition, definitionId);
  const data = { status, reason, ...details, version: BigInt(version), note: change[note] };
  return { kind: definitionNoted, id: definitionId, data, transfers: [] };
}
