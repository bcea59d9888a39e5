import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      ...["node_modules", "dist", "cdktf.out", ".lab", "jest.config.js", "eslint.config.mjs", "**/*.mjs"],
      // Somebody else's project: it is compiled against the package, in a test.
      "__tests__/consumer",
      "__tests__/consumer-esm",
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: "./tsconfig.json" } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-floating-promises": "error",
      // Loading a whole provider costs seconds and hundreds of megabytes.
      "no-restricted-imports": [
        "error",
        {
          paths: ["@cdktf/provider-aws", "@cdktf/provider-tls", "@cdktf/provider-null"].map((name) => ({
            name,
            message: `import ${name}/lib/<resource>`,
          })),
        },
      ],
    },
  },
  {
    // Tests read JSON of other programs, and say what they expect of it.
    files: ["__tests__/**"],
    rules: Object.fromEntries(
      ["argument", "assignment", "call", "member-access", "return"].map((name) => [
        `@typescript-eslint/no-unsafe-${name}`,
        "off",
      ]),
    ),
  },
);
