package io.faultline.paging;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** Native code that touches a region: functions of the C library. */
final class NativeMemset {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle MEMSET =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("memset"),
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MEMCMP =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("memcmp"),
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MEMCPY =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("memcpy"),
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private NativeMemset() {}

  static void set(long address, int value, long bytes) {
    try {
      long ignored = (long) MEMSET.invokeExact(address, value, bytes);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  static boolean equal(long address, long other, long bytes) {
    try {
      return (int) MEMCMP.invokeExact(address, other, bytes) == 0;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  static void copy(long to, long from, long bytes) {
    try {
      long ignored = (long) MEMCPY.invokeExact(to, from, bytes);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}
