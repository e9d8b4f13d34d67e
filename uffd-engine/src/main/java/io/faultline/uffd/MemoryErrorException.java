package io.faultline.uffd;

/** A guest access hit a poisoned page (SIGBUS on real hardware). */
public final class MemoryErrorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long address;

  public MemoryErrorException(long address) {
    super("memory error at 0x" + Long.toHexString(address) + ": the page is poisoned");
    this.address = address;
  }

  /**
   * @param what which page it is and what happened to it, for the user
   */
  public MemoryErrorException(long address, String what) {
    super("memory error at 0x" + Long.toHexString(address) + ": " + what);
    this.address = address;
  }

  public long address() {
    return address;
  }
}
