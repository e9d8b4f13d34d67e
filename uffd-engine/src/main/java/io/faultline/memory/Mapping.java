package io.faultline.memory;

import io.faultline.uffd.Kernel;
import java.lang.foreign.MemorySegment;

/**
 * One mapping of a region, removed when closed.
 *
 * <p>Thread-safe, but for closing: nothing may use the addresses after that.
 */
public final class Mapping implements AutoCloseable {
  private final Kernel kernel;
  private final long address;
  private final long dataAddress;
  private final long lengthBytes;
  private boolean closed;

  Mapping(Kernel kernel, long address, long lengthBytes) {
    this.kernel = kernel;
    this.address = address;
    this.dataAddress = kernel.dataAddress(address);
    this.lengthBytes = lengthBytes;
  }

  /** The address that the guest and userfaultfd know. */
  public long address() {
    return address;
  }

  /** The address of an offset. */
  public long address(long offsetBytes) {
    return address + check(offsetBytes);
  }

  /** Where Java code and sockets find the contents at an offset. */
  public long dataAddress(long offsetBytes) {
    return dataAddress + check(offsetBytes);
  }

  public long lengthBytes() {
    return lengthBytes;
  }

  /**
   * The contents as a segment of unlimited lifetime: valid until this is closed. Must not be used
   * where a page may fault into userfaultfd.
   */
  public MemorySegment data() {
    return MemorySegment.ofAddress(dataAddress).reinterpret(lengthBytes);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      kernel.unmap(address, lengthBytes);
    }
  }

  private long check(long offsetBytes) {
    assert offsetBytes >= 0 && offsetBytes <= lengthBytes : offsetBytes;
    return offsetBytes;
  }
}
