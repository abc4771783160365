// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
export type ApiResponse = { readonly status: number; readonly body: any; readonly headers: Headers };

export type Client = {
  readonly url: string;
  readonly token: string;
  readonly get: (path: string) => Promise<ApiResponse>;
  readonly post: (path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<ApiResponse>;
  readonly send: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<ApiResponse>;
};

/** An outside client of a running Marquee, signed in as administrator. */
export async function signIn(url: string, email: string, password: string): Promise<Client> {
  const form = new URLSearchParams({ grant_type: 'password', username: email, password });
  const response = await fetch(`${url}/v1/auth/token`, { method: 'POST', body: form });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (!token) throw new Error(`sign-in answered ${response.status}`);
  return clientWith(url, token);
}

export function clientWith(url: string, token: string): Client {
  const send: Client['send'] = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: /^[[{]/.test(text) ? JSON.parse(text) : text };
  };
  return { url, token, send, get: (path) => send('GET', path), post: (path, body = {}, headers) => send('POST', path, body, headers) };
}

/** The body of a successful response; any other response fails the test with its text. */
export const bodyOf = ({ status, body }: ApiResponse) => {
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
};

/**
 * Resolves with the first truthy result of the condition; fails with the last result when none
 * comes in time.
 */
export async function eventually<Seen>(condition: string, read: () => Promise<Seen | undefined | false>, seconds = 60): Promise<Seen> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown;
  for (let wait = 20; performance.now() < deadline; wait = Math.min(wait * 1.3, 300)) {
    try {
      const seen = await read();
      if (seen !== undefined && seen !== false) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  throw new Error(`never came: ${condition}; last seen: ${last instanceof Error ? last.stack : JSON.stringify(last)}`);
}

/** Advances a test clock and waits until it is ready. */
export const advance = async (client: Client, clock: string, to: string): Promise<void> => {
  bodyOf(await client.post(`/v1/test-clocks/${clock}/advance`, { to }));
  await eventually(`the clock ${clock} at ${to}`, async () => bodyOf(await client.get(`/v1/test-clocks/${clock}`)).status === 'ready', 150);
};
