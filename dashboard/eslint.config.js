import importX from "eslint-plugin-import-x";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** A room may not import from the rooms listed after it: lib, api ← charts, components ← pages ← App. */
const zones = [
  { target: "./src/lib", from: ["./src/api", "./src/charts", "./src/components", "./src/pages"] },
  { target: "./src/api", from: ["./src/charts", "./src/components", "./src/pages"] },
  { target: "./src/charts", from: ["./src/pages"] },
  { target: "./src/components", from: ["./src/charts", "./src/pages"] },
].flatMap(({ target, from }) => from.map((room) => ({ target, from: room })));

export default tseslint.config(
  { ignores: ["node_modules", "dist"] },
  ...tseslint.configs.strictTypeChecked,
  {
    files: ["**/*.{ts,tsx}"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "import-x": importX, "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs["recommended-latest"].rules,
      "import-x/no-restricted-paths": ["error", { zones }],
      "import-x/no-default-export": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  { files: ["src/pages/*.tsx", "vite.config.ts"], rules: { "import-x/no-default-export": "off" } },
  { files: ["**/*.{js,mjs}"], ...tseslint.configs.disableTypeChecked },
);
