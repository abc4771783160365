import { availableParallelism } from 'node:os';

export type Measured = {
  readonly name: string;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Share of the processor time of the machine that the load generator itself used. */
  readonly generatorShare: number;
};

/**
 * Runs `count` calls with at most `atOnce` in flight. Rates are per second, latencies in
 * milliseconds.
 */
export async function measureLoad(
  name: string,
  count: number,
  atOnce: number,
  call: (index: number) => Promise<unknown>,
): Promise<Measured> {
  const latencies: number[] = [];
  let next = 0;
  const started = performance.now();
  const cpu = process.cpuUsage();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) {
        const index = next++;
        const began = performance.now();
        await call(index);
        latencies.push(performance.now() - began);
      }
    }),
  );
  const millis = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  latencies.sort((left, right) => left - right);
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return {
    name,
    perSecond: (count / millis) * 1000,
    p50: at(0.5),
    p99: at(0.99),
    generatorShare: (user + system) / 1000 / millis / availableParallelism(),
  };
}

const shown = (millis: number): string => (Number.isNaN(millis) ? '-' : millis.toFixed(1));

/** Measurements as a table, each rate also as a share of the rate that is given as the limit. */
export function loadTable(measurements: readonly Measured[], limit?: Measured): string {
  const rows = measurements.map(({ name, perSecond, p50, p99, generatorShare }) => [
    name.padEnd(46),
    `${perSecond.toFixed(0)}/s`.padStart(9),
    (limit === undefined ? '-' : (perSecond / limit.perSecond).toFixed(2)).padStart(8),
    shown(p50).padStart(8),
    shown(p99).padStart(8),
    `${(generatorShare * 100).toFixed(0)} %`.padStart(10),
  ]);
  const head = [
    'measured'.padEnd(46),
    'rate'.padStart(9),
    'of no-op'.padStart(8),
    'p50 ms'.padStart(8),
    'p99 ms'.padStart(8),
    'generator'.padStart(10),
  ];
  return [head, ...rows].map((row) => row.join('  ')).join('\n');
}
