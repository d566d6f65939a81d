// Runs in each test process: child processes of Node inherit this, whatever environment a test gives them.
// Set here and not when the test process starts, which would write a report of its own beside vitest's.
process.env.NODE_V8_COVERAGE = process.env.CARVOS_COVERAGE_DIR;
