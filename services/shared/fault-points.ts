let armed: { readonly point: string; left: number } | undefined;

/**
 * Arms one named point: `turn.after-commit:3` ends the process by SIGKILL the third time it is
 * passed. For fault tests only.
 */
export function armFaultPoint(setting: string | undefined): void {
  const match = /^([a-z.-]+):(\d+)$/.exec(setting ?? '');
  armed = match?.[1] ? { point: match[1], left: Number(match[2]) } : undefined;
}

/**
 * Marks a place where a crash must lose nothing. Does nothing unless exactly this point is armed.
 */
export function passes(point: string): void {
  if (armed?.point !== point) return;
  armed.left -= 1;
  if (armed.left <= 0) process.kill(process.pid, 'SIGKILL');
}
