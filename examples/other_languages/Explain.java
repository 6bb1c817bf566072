// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

import static java.lang.foreign.ValueLayout.*;

import java.lang.foreign.*;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

class Explain {
  static final Arena program = Arena.ofShared();
  static final SymbolLookup library = SymbolLookup.libraryLookup("libbanzhaf_c.so.1", program);

  static MethodHandle function(String name, MemoryLayout... arguments) {
    return Linker.nativeLinker().downcallHandle(library.find(name).orElseThrow(),
        FunctionDescriptor.of(JAVA_INT, arguments));
  }

  static final MethodHandle open = function("banzhaf_open", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
  static final MethodHandle explain = function("banzhaf_explain",
      ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);

  public static void main(String[] arguments) throws Throwable {
    MemorySegment error = program.allocate(256), handle = program.allocate(ADDRESS);
    if ((int) open.invokeExact(program.allocateFrom("diabetes.trees"), handle, error, 256L) != 0)
      throw new IllegalArgumentException(error.getString(0));
    MemorySegment explainer = handle.get(ADDRESS, 0);  // stays open as long as the program runs

    MemorySegment patient = program.allocateFrom(JAVA_DOUBLE, 65, 2, 27.9, 103, 159, 96.8, 42, 4, 4.6151, 86);
    MemorySegment values = program.allocate(JAVA_DOUBLE, 10);
    if ((int) explain.invokeExact(explainer, patient, 10L, values, 10L, 1, error, 256L) != 0)
      throw new IllegalArgumentException(error.getString(0));
    System.out.println(Arrays.toString(values.toArray(JAVA_DOUBLE)));
  }
}
