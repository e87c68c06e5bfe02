import type { InstanceServiceService } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import { ApiError } from '../../../kernel/index.ts';
import type { OperationOf } from '../../../platform/index.ts';
import { applyChoices, CHUNK } from '../bulk/apply.ts';
import { faultOf, Report, type Choice } from '../bulk/choice.ts';
import { fieldsOf, Lines, type Line } from '../bulk/csv.ts';
import { unlessSilent } from '../bulk/silence.ts';

/** How long the server waits for the next part. */
const SILENCE_MS = 30_000;
const LINE_BYTES = 1024;
const LINES_MAX = 5_000_000;
const COLUMNS = 'instance_id,brand_id,player_id,opt_in';
const WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** Applies a file of opt-ins while it arrives. */
export const uploadOptIns: OperationOf<typeof InstanceServiceService.uploadOptIns> =
  (platform) => async (parts, context) => {
    const report = new Report();
    const lines = new Lines(LINE_BYTES);
    let chunk: Choice[] = [];
    let applying = Promise.resolve();
    /** One chunk is applied while the next one arrives. */
    const apply = async (): Promise<void> => {
      await applying;
      applying = applyChoices(platform, context, chunk, report);
      // It is awaited later; until then a rejection must not count as unhandled.
      applying.catch(() => undefined);
      chunk = [];
    };
    const take = async (some: Iterable<Line>): Promise<void> => {
      for (const line of some) {
        if (line.number > LINES_MAX) throw tooLong();
        const choice = choiceOf(line, report);
        if (choice !== undefined && chunk.push(choice) === CHUNK) await apply();
      }
    };
    try {
      for await (const { data } of unlessSilent(parts, SILENCE_MS)) await take(lines.add(data));
      await take(lines.end());
      await apply();
    } finally {
      // Whatever happened: no chunk is applied after the response.
      await applying;
    }
    return report;
  };

/** What a line says; undefined: nothing, or what is reported. */
function choiceOf({ number, text }: Line, report: Report): Choice | undefined {
  const broken = (why: string): undefined => {
    report.fail(`line ${number}`, why);
  };
  if (text === null) return broken(`is longer than ${LINE_BYTES} bytes`);
  if (text === '') return undefined;
  const fields = fieldsOf(text);
  if (fields === null) return broken('has wrong quotes');
  if (number === 1 && fields.join(',').toLowerCase() === COLUMNS) return undefined;
  if (fields.length !== 4) return broken(`has ${fields.length} fields, and not 4`);
  const [instanceId, brandId, playerId, word] = fields as [string, string, string, string];
  const fault = faultOf({ instanceId, brandId, playerId });
  if (fault !== undefined) return broken(fault);
  const optIn = WORDS.get(word.toLowerCase());
  return optIn === undefined ? broken('opt_in must be true, false, 1 or 0') : { instanceId, brandId, playerId, optIn };
}

const tooLong = (): ApiError =>
  new ApiError('TOO_LARGE', `the file has more than ${LINES_MAX} lines; those before are applied`);
