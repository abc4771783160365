import type { MarqueeEvent } from '../shared/events.ts';
import type { Platform } from '../shared/service.ts';
import type { Message } from './message.ts';
import type { TemplateName } from './templates.ts';

/** Answers a link by which the customer gives a new card, or undefined where none is to be had. */
export type CardLinkSource = (event: MarqueeEvent) => Promise<string | undefined>;

const asking: ReadonlySet<TemplateName> = new Set([
  'payment-failed.retry',
  'payment-failed.new-method',
  'payment-failed.expired-card',
  'suspended',
  'card-expiring',
]);

/** Whether a new card would help with what the message says. */
export const asksForCard = ({ template }: Message): boolean => asking.has(template);

/** In time without a link is better than late with one: where account is away the message goes without. */
export const cardLinkSource =
  ({ invoke, log }: Pick<Platform, 'invoke' | 'log'>): CardLinkSource =>
  async ({ customerId, data, time }) => {
    const { invoiceId } = data as { invoiceId?: string };
    try {
      const answer = await invoke('account', 'post', `customers/${customerId}/payment-method-links`, {
        from: time,
        ...(invoiceId !== undefined && { invoiceId }),
      });
      return (answer as { url: string } | undefined)?.url;
    } catch (error) {
      log.warn({ customerId, reason: (error as Error).message }, 'a message goes without its link');
      return undefined;
    }
  };

const sentences: Readonly<Record<string, string>> = {
  en: 'You can give a new card here, once and without signing in: {link}',
  de: 'Hier können Sie einmalig und ohne Anmeldung eine neue Karte hinterlegen: {link}',
  fr: 'Vous pouvez enregistrer une nouvelle carte ici, une fois et sans vous connecter : {link}',
  es: 'Aquí puede registrar una tarjeta nueva, una vez y sin iniciar sesión: {link}',
};

/** The text with the link below it, in a language of the templates. */
export const withCardLink = (body: string, language: string, link: string): string =>
  `${body}\n\n${(sentences[language] ?? sentences.en)?.replace('{link}', () => link)}`;
