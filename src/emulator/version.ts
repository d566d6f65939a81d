declare const __CARVOS_VERSION__: string | undefined;

/** Written in by the build; sources that run unbuilt (tests) say so. */
export const VERSION = typeof __CARVOS_VERSION__ === 'string' ? __CARVOS_VERSION__ : '0.0.0-source';
