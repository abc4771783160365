import mail from '@sendgrid/mail';
import { outcomeOfStatus, type Send } from './sender.ts';

export type EmailSettings = { readonly key: string; readonly from: string; readonly baseUrl?: string };

/** The HTTP client of the SDK, which its types omit; only it knows the host. */
type WithClient = { readonly client: { readonly setDefaultRequest: (setting: 'baseUrl', value: string) => void } };

const timeoutMillis = 10_000;

/**
 * Sends plain text through SendGrid, by the one client of its SDK. The id of the notification is
 * sent along, so that the provider's log can be matched with ours.
 */
export function createEmailSender({ key, from, baseUrl }: EmailSettings): Send {
  mail.setApiKey(key);
  mail.setTimeout(timeoutMillis);
  if (baseUrl !== undefined) (mail as unknown as WithClient).client.setDefaultRequest('baseUrl', baseUrl);
  return async ({ id, to, subject, body }) => {
    try {
      await mail.send({ from, to, subject: subject ?? '', text: body, customArgs: { notification: id } });
      return { outcome: 'sent' };
    } catch (error) {
      const { code, message } = error as { code?: unknown; message: string };
      return outcomeOfStatus(typeof code === 'number' ? code : undefined, message);
    }
  };
}
