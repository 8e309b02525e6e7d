import avsc from 'avsc';
import { jsonFormsOf, kindOfType, kindOfValue } from './native-kind';

/** What avsc keeps inside an unwrapped union, and lets a subclass adjust. */
interface UnionInternals {
  readonly types: readonly avsc.Type[];
  /** Value kind to branch. */
  readonly _bucketIndices: Record<string, number>;
  /** Branches that avsc would try one after the other. */
  readonly _dynamicBranches: unknown[] | null;
}

/**
 * avsc's unwrapped union, which tells bigint, Date and `Uint8Array` apart as well and so needs no trial and error.
 * Refuses branches that could be taken for one another, as values or in JSON.
 */
export class NativeUnionType extends avsc.types.UnwrappedUnionType {
  constructor(schema: avsc.Type, options: unknown) {
    super(schema, options);
    const internals = this as unknown as UnionInternals;
    const forms = new Set<string>();
    for (const key of Object.keys(internals._bucketIndices))
      Reflect.deleteProperty(internals._bucketIndices, key);
    internals.types.forEach((type, index) => {
      internals._bucketIndices[kindOfType(type)] = index;
      for (const form of jsonFormsOf(type)) {
        if (forms.has(form)) throw new Error(`two branches of a union both appear as a JSON ${form}`);
        forms.add(form);
      }
    });
    internals._dynamicBranches?.splice(0);
  }

  _getIndex(value: unknown): number | undefined {
    const kind = kindOfValue(value);
    return kind === undefined ? undefined : (this as unknown as UnionInternals)._bucketIndices[kind];
  }
}
