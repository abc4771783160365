import twilio from 'twilio';
import { outcomeOfStatus, type Send } from './sender.ts';

export type SmsSettings = { readonly account: string; readonly token: string; readonly from: string; readonly baseUrl?: string };

const timeoutMillis = 10_000;

/** Sends SMS through Twilio. */
export function createSmsSender({ account, token, from, baseUrl }: SmsSettings): Send {
  const httpClient = new twilio.RequestClient({ timeout: timeoutMillis });
  if (baseUrl !== undefined)
    httpClient.axios.interceptors.request.use((request) => ({ ...request, url: atHost(baseUrl, request.url ?? '') }));
  const client = twilio(account, token, { httpClient, env: {} });
  return async ({ to, body }) => {
    try {
      await client.messages.create({ from, to, body });
      return { outcome: 'sent' };
    } catch (error) {
      const { status, message } = error as { status?: unknown; message: string };
      return outcomeOfStatus(typeof status === 'number' ? status : undefined, message);
    }
  };
}

/** The same path at another host, because Twilio's client accepts regions but no base address. */
const atHost = (baseUrl: string, url: string): string => new URL(new URL(url).pathname, baseUrl).href;
