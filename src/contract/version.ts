/** Version of what `--json` prints and the control API answers; grows when a field changes its meaning or goes away. */
export const OUTPUT_VERSION = 2;

/** The package's version; `0.0.0` when run from source, where no build has filled it in. */
export const VERSION: string = typeof __CARVOS_VERSION__ === 'string' ? __CARVOS_VERSION__ : '0.0.0';
