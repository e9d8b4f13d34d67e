package io.faultline.memory;

/** Detects pages of zeros, at memory speed. */
public final class ZeroPages {
  private ZeroPages() {}

  /**
   * Whether all bytes are zero: the first word is, and each byte equals the byte 8 before it. The
   * JVM runs that comparison as an intrinsic vector loop, with any compiler.
   *
   * @param dataAddress of present pages, a multiple of 8
   * @param lengthBytes a multiple of 8, not 0
   */
  public static boolean isZero(long dataAddress, long lengthBytes) {
    return NativeMemory.load(dataAddress) == 0
        && NativeMemory.equal(dataAddress, dataAddress + Long.BYTES, lengthBytes - Long.BYTES);
  }
}
