const KEPT = 64;
/** Texts of seconds that were asked for lately: the draws of a batch have the same times. */
const seconds = new Map<number, string>();

/** A time as records say it: RFC 3339 in UTC with six decimals. @param micros microseconds since 1970. */
export function timeText(micros: number): string {
  const second = Math.floor(micros / 1_000_000);
  let text = seconds.get(second);
  if (text === undefined) {
    if (seconds.size >= KEPT) seconds.clear();
    text = new Date(second * 1000).toISOString().slice(0, 20);
    seconds.set(second, text);
  }
  return `${text}${String(micros - second * 1_000_000).padStart(6, '0')}Z`;
}
