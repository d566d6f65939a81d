/** Filled in by the build from package.json. */
declare const __CARVOS_VERSION__: string;
/** True in the program that holds Node, false in the package. */
declare const __CARVOS_ONE_FILE__: boolean;

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
