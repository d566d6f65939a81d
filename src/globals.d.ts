/** Filled in by the build from package.json. */
declare const __CARVOS_VERSION__: string;
