package io.faultline.memory;

import io.faultline.uffd.Kernel;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One mapping of a region; closing unmaps it.
 *
 * <p>Thread-safe. After closing nothing may use the addresses.
 */
public final class Mapping implements AutoCloseable {
  private final @Nullable Kernel kernel;
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

  /** A mapping of another process, which is not unmapped. */
  Mapping(long address, long dataAddress, long lengthBytes) {
    this.kernel = null;
    this.address = address;
    this.dataAddress = dataAddress;
    this.lengthBytes = lengthBytes;
  }

  /** The start address, as the guest and userfaultfd use it. */
  public long address() {
    return address;
  }

  /** The address of an offset. */
  public long address(long offsetBytes) {
    return address + check(offsetBytes);
  }

  /** The address at which Java code and sockets access the contents at an offset. */
  public long dataAddress(long offsetBytes) {
    return dataAddress + check(offsetBytes);
  }

  public long lengthBytes() {
    return lengthBytes;
  }

  /**
   * The contents as a segment of unlimited lifetime, valid until this mapping is closed. Must not
   * be used while a page may fault into userfaultfd.
   */
  public MemorySegment data() {
    return MemorySegment.ofAddress(dataAddress).reinterpret(lengthBytes);
  }

  @Override
  public synchronized void close() {
    if (!closed && kernel != null) {
      closed = true;
      kernel.unmap(address, lengthBytes);
    }
  }

  private long check(long offsetBytes) {
    assert offsetBytes >= 0 && offsetBytes <= lengthBytes : offsetBytes;
    return offsetBytes;
  }
}
