/** Jest's global teardown for the integration tier: stops what the setup started, in the same process. */
export default async function teardown() {
  const { teardown: stopStack } = await import('../../dist/libs/testing/src/global-setup.js');
  await stopStack();
}
