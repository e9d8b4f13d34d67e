package io.faultline.uffd.simulated;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Native memory of the simulation. It uses {@code calloc}, which every C library has, and whose
 * large blocks of zeros cost nothing before they are touched (an {@code Arena} would write them
 * all). Addresses are not checked.
 */
final class NativeBytes {
  /** The alignment of data addresses, the same as for real pages. */
  static final long ALIGNMENT = 4096;

  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final long CHUNK_BYTES = 1 << 20;
  private static final long LINE_BYTES = 64;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle CALLOC =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("calloc"),
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FREE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("free"), FunctionDescriptor.ofVoid(JAVA_LONG));

  private NativeBytes() {}

  /** Allocates zeros, at any alignment; returns 0 if there is no memory. */
  static long allocate(long bytes) {
    try {
      return (long) CALLOC.invokeExact(1L, bytes);
    } catch (Throwable t) {
      throw new AssertionError("a downcall threw", t);
    }
  }

  static void free(long address) {
    try {
      FREE.invokeExact(address);
    } catch (Throwable t) {
      throw new AssertionError("a downcall threw", t);
    }
  }

  static long load(long address) {
    return ALL.get(JAVA_LONG, address);
  }

  static void store(long address, long value) {
    ALL.set(JAVA_LONG, address, value);
  }

  /** Copies in chunks, so that a garbage collection does not wait for a huge page. */
  static void copy(long destination, long source, long bytes) {
    for (long at = 0; at < bytes; at += CHUNK_BYTES) {
      long length = Math.min(CHUNK_BYTES, bytes - at);
      MemorySegment.copy(ALL, source + at, ALL, destination + at, length);
    }
  }

  static void clear(long address, long bytes) {
    for (long at = 0; at < bytes; at += CHUNK_BYTES) {
      ALL.asSlice(address + at, Math.min(CHUNK_BYTES, bytes - at)).fill((byte) 0);
    }
  }

  /** Whether all bytes are zero; {@code bytes} is a multiple of 64. */
  static boolean isZero(long address, long bytes) {
    long end = address + bytes;
    for (long at = address; at < end; at += LINE_BYTES) {
      long bits =
          load(at)
              | load(at + 8)
              | load(at + 16)
              | load(at + 24)
              | load(at + 32)
              | load(at + 40)
              | load(at + 48)
              | load(at + 56);
      if (bits != 0) {
        return false;
      }
    }
    return true;
  }
}
