/**
 * Jest's global setup for the integration tier: one stack for the whole run. Jest loads this file without the mapping of
 * `@millrace/*`, so the stack comes from the compiled tree, as in `npm start`.
 */
export default async function setup() {
  const { setup: startStack } = await import('../../dist/libs/testing/src/global-setup.js').catch((cause) => {
    throw new Error(
      `the stack for the tests cannot be loaded; is dist/ built (npm run build)? ${cause.message}`,
      { cause },
    );
  });
  await startStack();
}
