package io.faultline.restore.remote;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.proto.Capability;
import io.faultline.proto.RunChecksum;
import io.faultline.proto.WireException;
import io.faultline.proto.runs.RunBuffer;
import io.faultline.proto.runs.RunDecompressor;
import io.faultline.proto.wire.Encoding;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks and assembles the runs of pages of one connection: each must answer the first open
 * request, from its first page on. Pages are passed on once their checksum is verified. Confined to
 * the session's loop.
 */
final class RunAssembler implements AutoCloseable {
  /** Below this, one read of many runs and their headers is cheaper than a read for each. */
  private static final int MIN_PLACED_BYTES = 32 << 10;

  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** Receives verified pages. */
  interface Pages {
    /**
     * Pages that answer the first open request.
     *
     * @param data native address, valid during the call
     */
    void arrived(long firstPage, int count, long data);

    /** Pages of zeros that answer the first open request. */
    void arrivedZeros(long firstPage, int count);
  }

  private final RequestList open;
  private final Pages pages;
  private final @Nullable RunChecksum sums;
  private final RunDecompressor decompressor;
  private final RunBuffer buffer = new RunBuffer(RunDecompressor.MAX_BYTES);

  private int region;
  private long firstPage;
  private int count;
  private Encoding encoding = Encoding.ENCODING_RAW;
  private int checksum;
  private int payloadBytes;
  private int arrivedBytes;

  /**
   * @param open the requests that are not answered yet
   * @param agreed the features that both sides have
   */
  RunAssembler(RequestList open, Set<Capability> agreed, Pages pages) {
    this.open = open;
    this.pages = pages;
    sums = agreed.contains(Capability.CRC32C) ? new RunChecksum() : null;
    decompressor = new RunDecompressor(agreed);
  }

  /**
   * The header of a run.
   *
   * @param expected the number of the process of the first open request
   */
  void run(int expected, int of, long first, int number, Encoding how, long payload, int sum)
      throws WireException {
    requireAnswer(expected, of, first, number);
    checkPayload(number, how, payload);
    region = of;
    firstPage = first;
    count = number;
    encoding = how;
    checksum = sum;
    payloadBytes = (int) payload;
    arrivedBytes = 0;
    if (payload == 0) {
      verify(null);
      pages.arrivedZeros(first, number);
    }
  }

  /** Checks that pages answer the first open request. */
  void requireAnswer(int expected, int of, long first, int number) throws WireException {
    if (open.isEmpty()
        || of != expected
        || first != open.page()
        || number < 1
        || number > open.count()) {
      throw new WireException(
          String.format(
              "%d pages from 0x%x of process number %d, which are not the next that were asked for",
              number, first, of));
    }
  }

  private void checkPayload(int number, Encoding how, long payload) throws WireException {
    long bytes = (long) number * PAGE_BYTES;
    if (RunDecompressor.isCompressed(how)) {
      decompressor.check(how, payload, bytes);
      return;
    }
    boolean raw = how == Encoding.ENCODING_RAW;
    if ((!raw && how != Encoding.ENCODING_ZERO)
        || payload != (raw ? bytes : 0)
        || payload > RunDecompressor.MAX_BYTES) {
      throw new WireException(
          number + " pages in the encoding " + how + " with " + payload + " bytes of payload");
    }
  }

  /** Where to read the next bytes of the payload to; 0 for a short one, which is copied. */
  long place() {
    return payloadBytes < MIN_PLACED_BYTES ? 0 : next();
  }

  private long next() {
    return buffer.address() + arrivedBytes;
  }

  /** A piece of the payload. */
  void data(long address, int bytes) throws WireException {
    if (arrivedBytes == 0 && bytes == payloadBytes) {
      complete(address);
      return;
    }
    long to = next();
    if (address != to) {
      MemorySegment.copy(ALL, address, ALL, to, bytes);
    }
    arrivedBytes += bytes;
    if (arrivedBytes == payloadBytes) {
      complete(buffer.address());
    }
  }

  private void complete(long payload) throws WireException {
    ByteBuffer bytes = MemorySegment.ofAddress(payload).reinterpret(payloadBytes).asByteBuffer();
    verify(bytes);
    long data = payload;
    if (RunDecompressor.isCompressed(encoding)) {
      if (payload != buffer.address()) {
        MemorySegment.copy(ALL, payload, ALL, buffer.address(), payloadBytes);
      }
      data = decompressor.decompress(encoding, buffer, payloadBytes, count * PAGE_BYTES);
    }
    pages.arrived(firstPage, count, data);
  }

  private void verify(@Nullable ByteBuffer payload) throws WireException {
    if (sums == null) {
      return;
    }
    int sum = sums.of(region, firstPage, count, encoding, payload);
    if (sum != checksum) {
      throw new WireException(
          String.format(
              "pages 0x%x to 0x%x of process number %d were damaged in transit: their checksum is"
                  + " 0x%x, the sender's was 0x%x",
              firstPage, firstPage + count - 1, region, sum, checksum));
    }
  }

  @Override
  public void close() {
    decompressor.close();
    buffer.close();
  }
}
