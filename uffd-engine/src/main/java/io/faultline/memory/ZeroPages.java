package io.faultline.memory;

/** Finds pages that hold only zeros, at the speed of memory. */
public final class ZeroPages {
  private ZeroPages() {}

  /**
   * Whether all bytes are zero: the first word is, and each byte is like that eight bytes before
   * it. That comparison is a vector loop of the JVM's own, whichever compiler made the rest.
   *
   * @param dataAddress of memory that is there, a multiple of 8
   * @param lengthBytes a multiple of 8, not 0
   */
  public static boolean isZero(long dataAddress, long lengthBytes) {
    return NativeMemory.load(dataAddress) == 0
        && NativeMemory.equal(dataAddress, dataAddress + Long.BYTES, lengthBytes - Long.BYTES);
  }
}
