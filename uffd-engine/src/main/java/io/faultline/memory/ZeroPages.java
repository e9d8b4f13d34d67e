package io.faultline.memory;

/** Finds pages that hold only zeros, at the speed of memory. */
public final class ZeroPages {
  private static final int STEP_BYTES = 8 * Long.BYTES;

  private ZeroPages() {}

  /**
   * Whether all bytes are zero.
   *
   * @param dataAddress of memory that is there, a multiple of 8
   * @param lengthBytes a multiple of 64
   */
  public static boolean isZero(long dataAddress, long lengthBytes) {
    long end = dataAddress + lengthBytes;
    for (long at = dataAddress; at < end; at += STEP_BYTES) {
      long bits =
          NativeMemory.load(at)
              | NativeMemory.load(at + 8)
              | NativeMemory.load(at + 16)
              | NativeMemory.load(at + 24)
              | NativeMemory.load(at + 32)
              | NativeMemory.load(at + 40)
              | NativeMemory.load(at + 48)
              | NativeMemory.load(at + 56);
      if (bits != 0) {
        return false;
      }
    }
    return true;
  }
}
