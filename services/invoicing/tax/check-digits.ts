const digitsOf = (text: string): readonly number[] => [...text].map(Number);

const weighted = (digits: string, weights: readonly number[]): number =>
  digitsOf(digits).reduce((sum, digit, index) => sum + digit * (weights[index] ?? 0), 0);

/** The weighted sum, check digit included, is a multiple of the modulus. */
const isMultiple = (digits: string, weights: readonly number[], modulus: number): boolean => weighted(digits, weights) % modulus === 0;

/** ISO/IEC 7812-1 annex B: every second digit from the right is doubled. */
const luhnSum = (digits: string): number =>
  digitsOf(digits)
    .toReversed()
    .reduce((sum, digit, index) => sum + (index % 2 === 0 ? digit : Math.floor(digit / 5) + ((digit * 2) % 10)), 0);

const isLuhn = (digits: string): boolean => luhnSum(digits) % 10 === 0;

/** ISO/IEC 7064 MOD 11,10: the last digit brings the running product to 1. */
const isMod11And10 = (digits: string): boolean =>
  (digitsOf(digits.slice(0, -1)).reduce((product, digit) => (((digit + product) % 10 || 10) * 2) % 11, 10) + Number(digits.at(-1))) % 10 ===
  1;

/** ISO/IEC 7064 MOD 97-10 with letters as 10 to 35. */
const isMod97 = (text: string): boolean => BigInt([...text].map((sign) => Number.parseInt(sign, 36)).join('')) % 97n === 1n;

/** The letter of DNI and NIE: Real Decreto 1553/2005 art. 11, by the remainder of 23. */
const dniLetter = (digits: string): string => 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digits) % 23] ?? '';

/**
 * DNI, NIE (X, Y, Z stand for 0, 1, 2), NIF of persons without either (K, L, M), or the number of
 * an entity (Orden EHA/451/2008).
 */
function isSpanish(number: string): boolean {
  const [first = '', digits, last = ''] = [number[0], number.slice(1, -1), number.at(-1)];
  if (/\d/.test(first)) return dniLetter(first + digits) === last;
  if ('XYZ'.includes(first)) return dniLetter('XYZ'.indexOf(first) + digits) === last;
  if ('KLM'.includes(first)) return dniLetter(digits) === last;
  const check = (10 - (luhnSum(`${digits}0`) % 10)) % 10;
  return last === String(check) || last === 'JABCDEFGHI'[check];
}

/**
 * SIREN by Luhn (numbers of Monaco begin with 000 and are not SIRENs), and its key. Keys with
 * letters follow no published rule and are not checked.
 */
function isFrench(number: string): boolean {
  const [key, siren] = [number.slice(0, 2), number.slice(2)];
  const isKeyRight = /\D/.test(key) || Number(key) === (12 + 3 * (Number(siren) % 97)) % 97;
  return isKeyRight && (siren.startsWith('000') || isLuhn(siren));
}

/**
 * HMRC's methods 97 and, since 2010, 9755. Government (GD) and health (HA) numbers have no check
 * digit; branches (12 digits) add three.
 */
function isBritish(number: string): boolean {
  if (/^[GH]/.test(number)) return true;
  return [0, 42].includes(weighted(number.slice(0, 9), [8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97);
}

/**
 * Company numbers pass the eleven test; those of natural persons, since 2020, MOD 97-10 over the
 * whole.
 */
const isDutch = (number: string): boolean => isMultiple(number.slice(0, 9), [9, 8, 7, 6, 5, 4, 3, 2, -1], 11) || isMod97(`NL${number}`);

/**
 * The national check of a VAT number without its prefix, by prefix, as the tax authorities publish
 * it (collected in the EU's "VIES VAT number algorithms"). Other prefixes are checked by their
 * pattern only. Numbers must match their pattern first.
 */
export const nationalChecks: Readonly<Record<string, (number: string) => boolean>> = {
  AT: (number) => (luhnSum(number.slice(1, -1)) + 4 + Number(number.at(-1))) % 10 === 0,
  BE: (number) => 97 - (Number(number.slice(0, 8)) % 97) === Number(number.slice(8)),
  CHE: (number) => isMultiple(number.slice(0, 9), [5, 4, 3, 2, 7, 6, 5, 4, 1], 11),
  DE: isMod11And10,
  DK: (number) => isMultiple(number, [2, 7, 6, 5, 4, 3, 2, 1], 11),
  EE: (number) => isMultiple(number, [3, 7, 1, 3, 7, 1, 3, 7, 1], 10),
  EL: (number) => (weighted(number, [256, 128, 64, 32, 16, 8, 4, 2]) % 11) % 10 === Number(number.at(-1)),
  ES: isSpanish,
  FI: (number) => isMultiple(number, [7, 9, 10, 5, 8, 4, 2, 1], 11),
  FR: isFrench,
  GB: isBritish,
  HR: isMod11And10,
  HU: (number) => isMultiple(number, [9, 7, 3, 1, 9, 7, 3, 1], 10),
  IT: isLuhn,
  LU: (number) => Number(number.slice(0, 6)) % 89 === Number(number.slice(6)),
  NL: isDutch,
  NO: (number) => isMultiple(number.slice(0, 9), [3, 2, 7, 6, 5, 4, 3, 2, 1], 11),
  PL: (number) => weighted(number, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === Number(number.at(-1)),
  PT: (number) => ((11 - (weighted(number, [9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11) % 10 === Number(number.at(-1)),
  SE: (number) => isLuhn(number.slice(0, 10)),
  XI: isBritish,
};
