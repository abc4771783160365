import { findOnPath } from '../../dapr/runtime/command.ts';

const descriptions = {
  go: 'Go 1.26 or later (go)',
  python3: 'Python 3.10 or later with pip and venv (python3)',
  java: 'Java 17 or later (java)',
  mvn: 'Maven 3.8 or later (mvn)',
} as const;

/**
 * Throws one sentence that names the programs to install, and their purpose, when one is not on
 * PATH.
 */
export function requirePrograms(purpose: string, programs: readonly (keyof typeof descriptions)[]): void {
  const missing = programs.filter((program) => findOnPath(program) === undefined).map((program) => descriptions[program]);
  if (missing.length > 0) throw new Error(`To ${purpose}, install ${missing.join(' and ')}: not found on PATH.`);
}
