import type { MarqueeEvent } from '../shared/events.ts';
import type { Platform } from '../shared/service.ts';
import type { Message } from './message.ts';
import type { TemplateName } from './templates.ts';

/** Returns a link by which the customer of an event enters a new card, or undefined without one. */
export type CardLinkSource = (event: MarqueeEvent) => Promise<string | undefined>;

const withLink: ReadonlySet<TemplateName> = new Set([
  'payment-failed.retry',
  'payment-failed.new-method',
  'payment-failed.expired-card',
  'suspended',
  'card-expiring',
]);

/** True for a message about a problem that a new card can solve. */
export const needsCardLink = ({ template }: Message): boolean => withLink.has(template);

/**
 * Requests links from the account service. When it is unavailable a message is sent without its
 * link, because a message in time without a link is better than a late one.
 */
export const cardLinkSource =
  ({ invoke, log }: Pick<Platform, 'invoke' | 'log'>): CardLinkSource =>
  async ({ customerId, data, time }) => {
    const { invoiceId } = data as { invoiceId?: string };
    try {
      const link = await invoke('account', 'post', `customers/${customerId}/payment-method-links`, {
        from: time,
        ...(invoiceId !== undefined && { invoiceId }),
      });
      return (link as { url: string } | undefined)?.url;
    } catch (err) {
      log.warn({ customerId, err }, 'card link request failed, message is written without the link');
      return undefined;
    }
  };

const sentences: Readonly<Record<string, string>> = {
  en: 'You can enter a new card here, once and without signing in: {link}',
  de: 'Hier können Sie einmalig und ohne Anmeldung eine neue Karte hinterlegen: {link}',
  fr: 'Vous pouvez enregistrer une nouvelle carte ici, une fois et sans vous connecter : {link}',
  es: 'Aquí puede registrar una tarjeta nueva, una vez y sin iniciar sesión: {link}',
};

/** The body with a sentence and the link below it, in a language of the templates. */
export const withCardLink = (body: string, language: string, link: string): string =>
  `${body}\n\n${(sentences[language] ?? sentences.en)?.replace('{link}', () => link)}`;
