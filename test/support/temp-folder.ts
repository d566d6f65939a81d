export { tempFolder } from './folder.ts';
