/** The package's version; `0.0.0` when run from source, where no build has filled it in. */
export const VERSION: string = typeof __CARVOS_VERSION__ === 'string' ? __CARVOS_VERSION__ : '0.0.0';
