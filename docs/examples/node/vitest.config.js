import { defineConfig } from 'vitest/config'

// One server for all test files, started before the first test.
export default defineConfig({ test: { globalSetup: './tollbooth.js' } })
