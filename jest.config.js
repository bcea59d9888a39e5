// One project for each tier of `npm test`; each is fast, or real, or the whole thing.
const tier = (displayName, testMatch, options = {}) => ({
  displayName,
  testMatch: testMatch.map((pattern) => `<rootDir>/__tests__/${pattern}`),
  testPathIgnorePatterns: ["/node_modules/", "/dist/", "/cdktf.out/", "/.lab/"],
  modulePathIgnorePatterns: ["<rootDir>/dist", "<rootDir>/cdktf.out", "<rootDir>/.lab"],
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] },
  testEnvironment: "node",
  ...options,
});

const folders = [
  "core",
  "facts",
  "rules",
  "network",
  "machines",
  "pki",
  "bootstrap",
  "eks",
  "clusters",
  "stacks",
  "scripts",
  "docs",
  "conformance",
];

module.exports = {
  projects: [
    tier("unit", ["*.test.ts", ...folders.map((folder) => `${folder}/**/*.test.ts`)]),
    tier("terraform", ["terraform/*.test.ts"]),
    tier("lab", ["lab/*.test.ts"]),
    tier("terraform-long", ["terraform/long/*.test.ts"]),
    tier("lab-long", ["lab/long/*.test.ts"]),
    tier("full", ["full/**/*.test.ts"]),
  ],
};
