export { type Exit, type Program, runProgram, type SpawnSettings, spawnProgram } from './program.ts';
