/** Filled in by the build from package.json. */
declare const __CARVOS_VERSION__: string;

/** Shell scripts are bundled as text. */
declare module '*.bash' {
  const text: string;
  export default text;
}
declare module '*.zsh' {
  const text: string;
  export default text;
}
declare module '*.fish' {
  const text: string;
  export default text;
}
