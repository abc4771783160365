import { createHash } from 'node:crypto';

/**
 * Sends a request through the proxy of the environment, if there is one. A connection that cannot
 * be made fails within seconds. undici is loaded here only, so that a start with everything
 * obtained does not wait for it.
 */
async function request(url: string, options: { method?: string; seconds?: number } = {}) {
  const { EnvHttpProxyAgent, fetch } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent({ connect: { timeout: 4_000 } });
  const signal = options.seconds === undefined ? null : AbortSignal.timeout(options.seconds * 1000);
  return fetch(url, { dispatcher, signal, method: options.method ?? 'GET' });
}

/** True when the URL responds within a few seconds, with any status below 500. */
export async function isReachable(url: string): Promise<boolean> {
  try {
    const response = await request(url, { method: 'HEAD', seconds: 5 });
    return response.status < 500;
  } catch {
    return false;
  }
}

/**
 * Downloads a file and verifies it against the SHA-256 in `<url>.sha256`. Throws when either is
 * missing or they differ: nothing unverified is ever unpacked.
 */
export async function downloadVerified(url: string): Promise<Buffer> {
  const sumResponse = await request(`${url}.sha256`, { seconds: 10 });
  if (!sumResponse.ok) throw new Error(`${url}.sha256 answered ${sumResponse.status}`);
  const expected = /^[0-9a-f]{64}\b/i.exec(await sumResponse.text())?.[0]?.toLowerCase();
  if (expected === undefined) throw new Error(`${url}.sha256 contains no SHA-256`);
  const response = await request(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const content = Buffer.from(await response.arrayBuffer());
  const actual = createHash('sha256').update(content).digest('hex');
  if (actual !== expected) throw new Error(`${url} has the checksum ${actual}, not ${expected}: refused`);
  return content;
}
