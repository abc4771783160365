import { createHash, randomBytes } from 'node:crypto';

/** Crockford's base 32: no letter that reads like another or like a digit. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * 80 random bits that people can type: `7KQM-XT4D-09VA-CH3R`. It is worth money, so it is shown
 * once and only its hash is kept.
 */
export function newGiftCode(): string {
  const code = [...randomBytes(16)].map((byte) => letters[byte % letters.length]).join('');
  return code.replace(/.{4}(?=.)/g, '$&-');
}

/**
 * The same for every way of writing a code: case, hyphens and spaces do not count, and O, I and L
 * are read as the digits they look like.
 */
export function giftCodeHash(code: string): string {
  const read = code
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  return createHash('sha256').update(read).digest('hex');
}
