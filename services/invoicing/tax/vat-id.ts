import { nationalChecks } from './check-digits.ts';

/**
 * Patterns of the number after its prefix, as VIES and the authorities of GB, CH and NO publish
 * them.
 */
const patterns: Readonly<Record<string, RegExp>> = {
  AT: /^U\d{8}$/,
  BE: /^[01]\d{9}$/,
  BG: /^\d{9,10}$/,
  CHE: /^\d{9}(MWST|TVA|IVA|TPV)?$/,
  CY: /^\d{8}[A-Z]$/,
  CZ: /^\d{8,10}$/,
  DE: /^[1-9]\d{8}$/,
  DK: /^[1-9]\d{7}$/,
  EE: /^\d{9}$/,
  EL: /^\d{9}$/,
  ES: /^(\d{8}[A-Z]|[KLMXYZ]\d{7}[A-Z]|[ABCDEFGHJNPQRSUVW]\d{7}[0-9A-J])$/,
  FI: /^\d{8}$/,
  FR: /^[0-9A-HJ-NP-Z]{2}\d{9}$/,
  GB: /^(\d{9}|\d{12}|GD[0-4]\d{2}|HA[5-9]\d{2})$/,
  HR: /^\d{11}$/,
  HU: /^\d{8}$/,
  IE: /^(\d{7}[A-W][A-IW]?|\d[A-Z+*]\d{5}[A-W])$/,
  IT: /^\d{11}$/,
  LT: /^(\d{9}|\d{12})$/,
  LU: /^\d{8}$/,
  LV: /^\d{11}$/,
  MT: /^\d{8}$/,
  NL: /^\d{9}B(?!00)\d{2}$/,
  NO: /^\d{9}(MVA)?$/,
  PL: /^\d{10}$/,
  PT: /^[1-9]\d{8}$/,
  RO: /^[1-9]\d{1,9}$/,
  SE: /^\d{10}\d{2}$/,
  SI: /^[1-9]\d{7}$/,
  SK: /^\d{10}$/,
  XI: /^(\d{9}|\d{12}|GD[0-4]\d{2}|HA[5-9]\d{2})$/,
};

/**
 * Prefixes that are not ISO 3166-1 codes. XI (Northern Ireland) is for goods; services use GB's
 * number.
 */
const countries: Readonly<Record<string, string>> = { EL: 'GR', CHE: 'CH', XI: 'GB' };

/** A VAT id in its printed form; `country` is the ISO 3166-1 code of the country that issued it. */
export type VatId = { readonly country: string; readonly id: string };

/** The text in capitals, without spaces, dots, hyphens and slashes. */
const normalised = (text: string): string => text.toUpperCase().replace(/[\s./-]/g, '');

/**
 * Parses a VAT id of an EU member state, GB (and XI), CH or NO. Undefined when its form or its
 * national check digits are wrong, or without a text. Only the authorities (VIES, HMRC) know
 * whether it is in use; this function does not call them.
 */
export function vatIdOf(text: string | null): VatId | undefined {
  const id = normalised(text ?? '');
  const prefix = id.startsWith('CHE') ? 'CHE' : id.slice(0, 2);
  const number = id.slice(prefix.length);
  if (patterns[prefix]?.test(number) !== true || nationalChecks[prefix]?.(number) === false) return undefined;
  return { country: countries[prefix] ?? prefix, id };
}
