package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Capability;
import io.faultline.proto.RunChecksum;
import io.faultline.proto.wire.Encoding;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares each run of pages with the checksum that the source sent with it, if checksums are
 * agreed on. Confined to the connection's loop.
 */
final class RunVerifier {
  private final RunChecksum checksums = new RunChecksum();
  private boolean hasChecksums;

  /** Sets the capabilities of both sides; before the first run. */
  void agree(Set<Capability> agreed) {
    hasChecksums = agreed.contains(Capability.CRC32C);
  }

  /** Whether checksums are agreed on. */
  boolean isNeeded() {
    return hasChecksums;
  }

  /**
   * Verifies a run.
   *
   * @param payload as it arrived; null for none
   * @param expected the checksum that the source sent
   * @throws DamagedPagesException if the run was damaged in transit
   */
  void verify(
      MemoryRegion of,
      long firstPage,
      int count,
      Encoding encoding,
      @Nullable ByteBuffer payload,
      int expected)
      throws DamagedPagesException {
    if (!hasChecksums) {
      return;
    }
    int sum = checksums.of(of.id(), firstPage, count, encoding, payload);
    if (sum != expected) {
      throw new DamagedPagesException(
          "pages "
              + firstPage
              + " to "
              + (firstPage + count - 1)
              + " of region "
              + of.id()
              + " were damaged in transit: their checksum is 0x"
              + Integer.toHexString(sum)
              + ", the source's was 0x"
              + Integer.toHexString(expected));
    }
  }
}
