import { createHash } from 'node:crypto';
import type { MethodDetails } from '../../shared/contracts/customer-resource.ts';
import { type Words, wordsFor } from './translations.ts';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] as string);

const style = `
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 28rem; margin: 3rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem } p { margin: 0 0 1rem }
label { display: block; font-weight: 600 } small { color: #595959 }
input, button { font: inherit; box-sizing: border-box; width: 100%; padding: .7rem .8rem; border-radius: .4rem; border: 1px solid #767676 }
input { margin: .25rem 0; color: inherit; background: transparent }
button { margin-top: 1.25rem; border: 0; color: #fff; background: #1f4fd8; font-weight: 600; cursor: pointer }
:focus-visible { outline: 3px solid #f5a623; outline-offset: 2px }
[role=alert] { border-inline-start: .3rem solid #b3261e; padding: .6rem .8rem; background: #fdecea; color: #5f1410 }
@media (prefers-color-scheme: dark) { body { color: #f0f0f0; background: #161616 } small { color: #b8b8b8 } }
`;

/** Nothing is loaded, nothing runs, nobody frames it, and no address that it leads to learns of the link. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    // A form of ours may lead on to the gateway's own page; browsers hold its redirect to this too.
    "form-action 'self' https://checkout.stripe.com",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export type Notice = 'used' | 'expired' | 'notFound' | 'refused' | 'unavailable';

type Shown = {
  readonly locale: string;
  readonly card: MethodDetails | null;
  readonly notice?: Notice;
  /** The address of the form that leads to the gateway's own page; without it, a token is asked for here. */
  readonly hosted?: string;
};

const tokenForm = (words: Words): string => `<form method="post">
<label for="token">${escaped(words.label)}</label>
<input id="token" name="token" type="text" dir="ltr" required maxlength="255" pattern="[\\x21-\\x7e]+" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="hint">
<small id="hint">${escaped(words.hint)}</small>
<button type="submit">${escaped(words.submit)}</button>
</form>`;

const hostedForm = (words: Words, address: string): string => `<form method="post" action="${escaped(address)}">
<button type="submit">${escaped(words.goOn)}</button>
</form>`;

/** Asks for the new card, here or at the gateway. */
export function formPage({ locale, card, notice, hosted }: Shown): string {
  const { words } = wordsFor(locale);
  return pageOf(locale, words.title, [
    ...(notice ? [alertOf(words, notice)] : []),
    `<p>${escaped(words.intro)}</p>`,
    ...(card ? [cardOf(words, card)] : []),
    hosted === undefined ? tokenForm(words) : hostedForm(words, hosted),
  ]);
}

export function donePage(locale: string, card: MethodDetails | null): string {
  const { words } = wordsFor(locale);
  return pageOf(locale, words.doneTitle, [`<p role="status">${escaped(words.done)}</p>`, ...(card ? [cardOf(words, card)] : [])]);
}

/** Says why there is nothing to do here. */
export function noticePage(locale: string, notice: Notice): string {
  const { words } = wordsFor(locale);
  return pageOf(locale, words.title, [alertOf(words, notice)]);
}

const alertOf = (words: Words, notice: Notice): string => `<p role="alert">${escaped(words[notice])}</p>`;

/** The digits stay together and in their order, whichever way the language is written. */
const cardOf = ({ currentCard, endingIn }: Words, { brand, last4 }: MethodDetails): string => {
  const [before = '', after = ''] = endingIn.split('{last4}').map(escaped);
  return `<p>${escaped(currentCard)}: <bdi>${escaped(brand)}</bdi> ${before}<bdi>${escaped(last4)}</bdi>${after}</p>`;
};

function pageOf(locale: string, title: string, parts: readonly string[]): string {
  const { language, words } = wordsFor(locale);
  return `<!doctype html>
<html lang="${language}" dir="${words.direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${escaped(title)}</title><style>${style}</style></head>
<body><main>
<h1>${escaped(title)}</h1>
${parts.join('\n')}
</main></body>
</html>
`;
}
