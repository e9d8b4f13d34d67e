package io.faultline.uffd.linux;

import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.NoSuchElementException;

/**
 * A C function {@code int f(T *, U *)} of a shared library. Its code, and threads that it starts,
 * may touch memory that faults into a userfaultfd of this process: while it runs, the calling
 * thread is in native state, and delays no garbage collection.
 *
 * <p>Thread-safe. The library stays loaded.
 */
public final class LibraryFunction {
  private static final FunctionDescriptor TYPE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);

  private final MethodHandle function;

  private LibraryFunction(MethodHandle function) {
    this.function = function;
  }

  /**
   * Loads a library and finds a function in it.
   *
   * @throws IllegalArgumentException if it cannot be loaded
   * @throws NoSuchElementException if it has no such function
   */
  public static LibraryFunction load(Path library, String name) {
    SymbolLookup symbols = SymbolLookup.libraryLookup(library.toAbsolutePath(), Arena.global());
    return new LibraryFunction(
        Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), TYPE));
  }

  /** Calls it with the addresses of its arguments. */
  public int call(long first, long second) {
    try {
      return (int) function.invokeExact(first, second);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
