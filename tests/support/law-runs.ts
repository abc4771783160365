const isQuick = process.argv.includes('--quick');

/**
 * How many random inputs a law tries: `full`, or a fifth of it under `npm run test:fast` and
 * `npm run test:watch`, which pass `--quick`. The inputs differ from run to run.
 */
export const lawRuns = (full: number): number => (isQuick ? Math.ceil(full / 5) : full);
