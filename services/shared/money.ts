/** An amount in the currency's own minor unit (JPY 0, EUR 2, KWD 3 decimals); never a float. */
export type Money = { readonly amount: number; readonly currency: string };

const currencies = new Set(Intl.supportedValuesOf('currency'));

/** True for an ISO 4217 code this platform knows. */
export const isCurrency = (code: string): boolean => currencies.has(code);

/** Decimals of the currency's minor unit, as ISO 4217 and CLDR give them. */
export const exponentOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/**
 * `amount * numerator / denominator` in minor units, rounded half away from zero
 * (docs/billing-rules.md, Proration). Exact: the product never passes through a float that could
 * lose a cent.
 */
export function portion(amount: number, numerator: number, denominator: number): number {
  if (numerator === denominator) return amount;
  const product = amount * numerator;
  if (Number.isSafeInteger(product * 2)) {
    const rest = Math.abs(product) % denominator;
    const whole = (Math.abs(product) - rest) / denominator + (rest * 2 >= denominator ? 1 : 0);
    return product < 0 ? -whole : whole;
  }
  const exact = BigInt(amount) * BigInt(numerator);
  const size = exact < 0n ? -exact : exact;
  const whole = Number((size * 2n + BigInt(denominator)) / (BigInt(denominator) * 2n));
  return exact < 0n ? -whole : whole;
}

/**
 * Splits `total` minor units by weight without losing one: each gets its share rounded down, and
 * what is left goes one by one to the largest remainders, the earlier first. Weights are whole and
 * not negative. Where all are zero, all shares are zero, so `total` must be 0.
 */
export function allocate(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + BigInt(weight), 0n);
  if (sum === 0n) return weights.map(() => 0);
  const parts = weights.map((weight, index) => {
    const product = BigInt(total) * BigInt(weight);
    return { index, share: Number(product / sum), rest: product % sum };
  });
  const left = total - parts.reduce((given, { share }) => given + share, 0);
  const byRemainder = [...parts].sort((one, other) => (one.rest === other.rest ? one.index - other.index : one.rest > other.rest ? -1 : 1));
  const extra = new Set(byRemainder.slice(0, left).map(({ index }) => index));
  return parts.map(({ index, share }) => share + (extra.has(index) ? 1 : 0));
}

/**
 * True where these amounts of minor units, each so many times, can be added up exactly and still
 * when they are doubled, which no tax does.
 */
export const isCountable = (parts: readonly { readonly amount: number; readonly times: number }[]): boolean =>
  parts.reduce((sum, { amount, times }) => sum + BigInt(amount) * BigInt(times), 0n) * 2n <= BigInt(Number.MAX_SAFE_INTEGER);

export const sumOf = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

/**
 * Minor units as a decimal with the currency's own number of digits; as text, for a float would
 * lose the cents of large amounts.
 */
export function decimalOf({ amount, currency }: Money): string {
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0');
  const point = digits.length - exponent;
  return `${amount < 0 ? '-' : ''}${digits.slice(0, point)}${exponent === 0 ? '' : `.${digits.slice(point)}`}`;
}

/**
 * The minor units of a decimal text such as `100.50`, or undefined where it has more decimals than
 * the currency.
 */
export function minorUnits(decimal: string, currency: string): number | undefined {
  const exponent = exponentOf(currency);
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  if (!match || (match[3]?.length ?? 0) > exponent) return undefined;
  const amount = Number(`${match[2]}${(match[3] ?? '').padEnd(exponent, '0')}`);
  return match[1] ? -amount : amount;
}
