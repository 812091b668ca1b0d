// What calls into the WebAssembly of a codec, in place of what its package writes as text and evaluates: the portal's
// content security policy evaluates no text. `build.mjs` puts it there.
//
// The package names its values, in order: invoker, fn, retType, argType0, argType1, …, and what frees an argument,
// arg0Wired_dtor, …; its text says whether a list of destructors is kept and whether there is an answer.

export function invokerOf(namesAndText) {
  const names = namesAndText.slice(0, -1);
  const text = namesAndText.at(-1);
  const keepsDestructors = text.includes("var destructors = []");
  const answers = text.includes("fromWireType");
  return (...values) => {
    const known = Object.fromEntries(names.map((name, k) => [name, values[k]]));
    const count = names.filter((name) => name.startsWith("argType")).length;
    return (...given) => {
      if (given.length !== count) known.throwBindingError(`called with ${given.length} arguments, expected ${count}`);
      const destructors = keepsDestructors ? [] : null;
      const wired = given.map((each, k) => known[`argType${k}`].toWireType(destructors, each));
      const answer = known.invoker(known.fn, ...wired);
      if (destructors) known.runDestructors(destructors);
      else wired.forEach((each, k) => known[`arg${k}Wired_dtor`]?.(each));
      return answers ? known.retType.fromWireType(answer) : undefined;
    };
  };
}
