/** Reports how parts are obtained and started. */
export type Progress = {
  /** Begins a part. A repeated begin of a part that has not ended changes its activity. */
  readonly begin: (part: string, activity: string) => void;
  /** Ends a part with its result. A part that took no time may end without having begun. */
  readonly end: (part: string, result: string) => void;
  /** Stops reporting, for example when a part failed. */
  readonly close: () => void;
};

export type Output = { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };

export const noProgress: Progress = { begin: () => {}, end: () => {}, close: () => {} };

export const secondsSince = (start: number): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;

/**
 * Progress for an operator. On a terminal each part has one line that rewrites itself every second
 * until the part ends; anywhere else a part prints one line when it begins and one when it ends.
 */
export const createProgress = (output: Output): Progress => (output.isTTY ? rewrittenLines(output) : plainLines(output));

function plainLines(output: Output): Progress {
  const begun = new Set<string>();
  const print = (part: string, text: string) => output.write(`  ${part}: ${text}\n`);
  return {
    begin: (part, activity) => {
      if (begun.has(part)) return;
      begun.add(part);
      print(part, activity);
    },
    end: (part, result) => void print(part, result),
    close: () => {},
  };
}

type Active = { readonly activity: string; readonly since: number };

const up = (lines: number) => `\u001b[${lines}A`;
const eraseBelow = '\u001b[J';

function rewrittenLines(output: Output): Progress {
  const active = new Map<string, Active>();
  let shown = 0;
  let timer: NodeJS.Timeout | undefined;
  const lineOf = ([part, { activity, since }]: [string, Active]) =>
    `  ${part}: ${activity}, ${Math.floor((performance.now() - since) / 1000)} s`.slice(0, Math.max(20, (output.columns ?? 80) - 1));
  const draw = (ended = '') => {
    const erase = shown === 0 ? '' : `${up(shown)}${eraseBelow}`;
    output.write(`${erase}${ended}${[...active].map((part) => `${lineOf(part)}\n`).join('')}`);
    shown = active.size;
  };
  const close = () => {
    clearInterval(timer);
    timer = undefined;
    shown = 0;
    active.clear();
  };
  return {
    begin: (part, activity) => {
      active.set(part, { activity, since: active.get(part)?.since ?? performance.now() });
      timer ??= setInterval(() => draw(), 1_000).unref();
      draw();
    },
    end: (part, result) => {
      active.delete(part);
      draw(`  ${part}: ${result}\n`);
      if (active.size === 0) close();
    },
    close,
  };
}
