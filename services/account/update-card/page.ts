import { createHash } from 'node:crypto';
import type { MethodDetails } from '../../shared/contracts/customer-resource.ts';
import { type PageTexts, textsFor } from './translations.ts';

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

/**
 * The page loads nothing, runs no script and cannot be framed, and no other site learns the link
 * from a referrer.
 */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    // The form may redirect to the gateway's own page; browsers apply this to redirects too.
    "form-action 'self' https://checkout.stripe.com",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export type Notice = 'used' | 'expired' | 'notFound' | 'refused' | 'unavailable';

type PageState = {
  readonly locale: string;
  readonly card: MethodDetails | null;
  readonly notice?: Notice;
  /** The address that redirects to the gateway's own page; without it the form asks for a token. */
  readonly hosted?: string;
};

const tokenForm = (texts: PageTexts): string => `<form method="post">
<label for="token">${escaped(texts.label)}</label>
<input id="token" name="token" type="text" dir="ltr" required maxlength="255" pattern="[\\x21-\\x7e]+" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="hint">
<small id="hint">${escaped(texts.hint)}</small>
<button type="submit">${escaped(texts.submit)}</button>
</form>`;

const hostedForm = (texts: PageTexts, address: string): string => `<form method="post" action="${escaped(address)}">
<button type="submit">${escaped(texts.goOn)}</button>
</form>`;

/** The form for a new card, here or at the gateway. */
export function formPage({ locale, card, notice, hosted }: PageState): string {
  const { texts } = textsFor(locale);
  return pageOf(locale, texts.title, [
    ...(notice ? [alertOf(texts, notice)] : []),
    `<p>${escaped(texts.intro)}</p>`,
    ...(card ? [cardOf(texts, card)] : []),
    hosted === undefined ? tokenForm(texts) : hostedForm(texts, hosted),
  ]);
}

export function donePage(locale: string, card: MethodDetails | null): string {
  const { texts } = textsFor(locale);
  return pageOf(locale, texts.doneTitle, [`<p role="status">${escaped(texts.done)}</p>`, ...(card ? [cardOf(texts, card)] : [])]);
}

/** A page with the reason why the link cannot be used. */
export function noticePage(locale: string, notice: Notice): string {
  const { texts } = textsFor(locale);
  return pageOf(locale, texts.title, [alertOf(texts, notice)]);
}

const alertOf = (texts: PageTexts, notice: Notice): string => `<p role="alert">${escaped(texts[notice])}</p>`;

/** Isolates brand and digits, so that they keep their order in right-to-left languages. */
const cardOf = ({ currentCard, endingIn }: PageTexts, { brand, last4 }: MethodDetails): string => {
  const [before = '', after = ''] = endingIn.split('{last4}').map(escaped);
  return `<p>${escaped(currentCard)}: <bdi>${escaped(brand)}</bdi> ${before}<bdi>${escaped(last4)}</bdi>${after}</p>`;
};

function pageOf(locale: string, title: string, parts: readonly string[]): string {
  const { language, texts } = textsFor(locale);
  return `<!doctype html>
<html lang="${language}" dir="${texts.direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${escaped(title)}</title><style>${style}</style></head>
<body><main>
<h1>${escaped(title)}</h1>
${parts.join('\n')}
</main></body>
</html>
`;
}
