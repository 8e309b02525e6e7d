import { findErrorClasses, readErrorClasses } from './error-classes';

const errors = findErrorClasses('.', ['apps', 'examples', 'libs', 'tools']);

function repeated(values: readonly (string | undefined)[]): (string | undefined)[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

describe('the errors of the platform', () => {
  it('are found in the sources of every room', () => {
    const rooms = new Set(errors.map(({ file }) => file.split('/').slice(0, 2).join('/')));
    for (const room of ['apps/producer', 'apps/projection', 'libs/kafka', 'libs/postgres', 'libs/stack']) {
      expect(rooms).toContain(room);
    }
  });

  it.each(errors)(
    '$className is called by its own name and has a code ($file)',
    ({ className, name, code }) => {
      expect(name).toBe(className);
      expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
    },
  );

  it('share neither a name nor a code', () => {
    expect(repeated(errors.map(({ name }) => name))).toEqual([]);
    expect(repeated(errors.map(({ code }) => code))).toEqual([]);
  });

  it('are read one by one from a file that has several', () => {
    const source = `
      export class OneError extends MillraceError { override readonly name = 'OneError'; readonly code = 'ONE'; }
      class OtherError extends MillraceError { override readonly code = 'OTHER'; }`;
    expect(readErrorClasses('some.ts', source)).toEqual([
      { file: 'some.ts', className: 'OneError', name: 'OneError', code: 'ONE' },
      { file: 'some.ts', className: 'OtherError', name: undefined, code: 'OTHER' },
    ]);
  });
});
