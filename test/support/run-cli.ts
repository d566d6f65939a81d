export { CARVOS as CLI, type CliOptions, type Result as CliResult, runCli } from './program.ts';
