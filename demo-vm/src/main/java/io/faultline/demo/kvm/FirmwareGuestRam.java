package io.faultline.demo.kvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.demo.simulated.MemoryDigest;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * The RAM of a {@link FirmwareGuest} that another process runs, seen through the file that it is.
 *
 * <p>Reading a page allocates it if the file has none there: so nothing may be read of a guest
 * whose memory still arrives. Used by one thread at a time.
 */
public final class FirmwareGuestRam implements AutoCloseable {
  private final Kernel kernel;
  private final FirmwareGuest guest;
  private final MemorySegment memory;

  private FirmwareGuestRam(Kernel kernel, FirmwareGuest guest, MemorySegment memory) {
    this.kernel = kernel;
    this.guest = guest;
    this.memory = memory;
  }

  /**
   * Maps the file.
   *
   * @param kernel the real one
   * @throws io.faultline.uffd.SystemCallException if the kernel refuses that
   */
  public static FirmwareGuestRam open(Kernel kernel, FirmwareGuest guest, Path file) {
    long bytes = guest.memoryBytes();
    try (MemoryFile opened = kernel.openFile(file, bytes)) {
      long address = kernel.map(MapRequest.sharedFile(opened));
      MemorySegment memory = MemorySegment.ofAddress(kernel.dataAddress(address));
      return new FirmwareGuestRam(kernel, guest, memory.reinterpret(bytes));
    }
  }

  /** The operations that the guest has done; 0 while it still fills its RAM. */
  public long operations() {
    return clock().operations();
  }

  /** What the guest has measured so far. */
  public FirmwareGuestClock clock() {
    byte[] bytes = new byte[FirmwareGuest.CLOCK_BYTES];
    MemorySegment.copy(memory, JAVA_BYTE, FirmwareGuest.CLOCK_ADDRESS, bytes, 0, bytes.length);
    return guest.clock(bytes);
  }

  /** Makes the guest measure its longest gap from now on. Before its migration starts. */
  public void forgetLongestGap() {
    memory.set(JAVA_LONG, FirmwareGuest.LONGEST_GAP_ADDRESS, 0);
  }

  /** The digest of the guest's memory, which does not change any more. */
  public MemoryDigest digest() {
    return MemoryDigest.of(memory.asSlice(FirmwareGuest.LOW_BYTES));
  }

  @Override
  public void close() {
    kernel.unmap(memory.address(), memory.byteSize());
  }
}
