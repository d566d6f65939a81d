export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What a shell looks for in its own folders; the build writes them into dist/completions. */
export const SCRIPT_FILES: Record<Shell, string> = {
  bash: 'carvos.bash',
  zsh: '_carvos',
  fish: 'carvos.fish',
};
