package io.faultline.source;

import io.faultline.proto.Capability;
import io.faultline.proto.wire.Encoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Chooses how the next batch of pages is encoded. What an encoding is worth is how fast pages get
 * through with it: compressing and sending go on at the same time, so that is the slower of the
 * two. Both are measured, on real batches: each way is tried now and then, and less and less often
 * while it does not win. The mean is that of times, not of speeds: where others want the processor,
 * too, most batches are fast, and a few take ten times as long, and those are what the link waits
 * for.
 *
 * <p>Reads no clock. Belongs to the bulk loop.
 */
final class CompressionChooser {
  /** Faster than any compression here: not even worth a try. */
  static final long FAST_LINK_BYTES_PER_SECOND = 500_000_000;

  /** Over a way that costs the processor less, at both ends. */
  private static final double LEAST_GAIN = 1.15;

  /** Batches that a mean time is of. */
  private static final int MANY = 16;

  /** The same for a way that is only tried: what was long ago says little. */
  private static final int FEW = 4;

  private static final int FIRST_PAUSE = 16;
  private static final int MAX_PAUSE = 1024;

  /** For a way that shrinks pages, but was slow: the processor may be free soon. */
  private static final int BUSY_PAUSE = 64;

  private static final double NANOS_PER_SECOND = 1e9;

  private final boolean automatic;
  private final List<Way> ways = new ArrayList<>();
  private long batch;
  private long link = SourceSettings.UNLIMITED;

  /** One encoding, and how it did lately. */
  private static final class Way {
    private final Encoding encoding;
    private double nanosPerByte;
    private double shrunk;
    private int batches;
    private long nextTry;
    private int pause = FIRST_PAUSE;

    Way(Encoding encoding) {
      this.encoding = encoding;
    }

    /** Bytes of pages per second that get through. */
    double worth(long link) {
      return Math.min(NANOS_PER_SECOND / nanosPerByte, link / shrunk);
    }

    void measured(int bytes, int compressedBytes, long nanos) {
      double size = (double) Math.max(1, compressedBytes) / bytes;
      shrunk = batches == 0 ? size : (3 * shrunk + size) / 4;
      batches = Math.min(pause == FIRST_PAUSE ? MANY : FEW, batches + 1);
      nanosPerByte += ((double) Math.max(1, nanos) / bytes - nanosPerByte) / batches;
    }
  }

  /**
   * @param agreed what both ends can do
   */
  CompressionChooser(CompressionMode mode, Set<Capability> agreed) {
    automatic = mode == CompressionMode.AUTO;
    boolean all = automatic;
    if (agreed.contains(Capability.LZ4) && (all || mode == CompressionMode.LZ4)) {
      ways.add(new Way(Encoding.ENCODING_LZ4));
    }
    if (agreed.contains(Capability.ZSTD) && (all || mode == CompressionMode.ZSTD)) {
      ways.add(new Way(Encoding.ENCODING_ZSTD));
    }
  }

  /** Whether it may ever choose to compress. */
  boolean canCompress() {
    return !ways.isEmpty();
  }

  /**
   * How the next batch is to be encoded: {@link Encoding#ENCODING_RAW}, or a way whose result is to
   * be {@link #measured}.
   *
   * @param linkBytesPerSecond what the link takes
   */
  Encoding next(long linkBytesPerSecond) {
    if (!automatic) {
      return ways.isEmpty() ? Encoding.ENCODING_RAW : ways.get(0).encoding;
    }
    link = linkBytesPerSecond;
    if (link > FAST_LINK_BYTES_PER_SECOND) {
      return Encoding.ENCODING_RAW;
    }
    batch++;
    Encoding best = Encoding.ENCODING_RAW;
    double most = link;
    for (Way way : ways) {
      if (batch >= way.nextTry) {
        return way.encoding;
      }
      if (way.worth(link) > most * LEAST_GAIN) {
        best = way.encoding;
        most = way.worth(link);
      }
    }
    return best;
  }

  /**
   * How a batch did.
   *
   * @param bytes of pages, at least 1
   * @param compressedBytes what they were compressed to
   * @param nanos what that took
   */
  void measured(Encoding encoding, int bytes, int compressedBytes, long nanos) {
    for (Way way : ways) {
      if (way.encoding == encoding) {
        way.measured(bytes, compressedBytes, nanos);
        boolean wins = way.worth(link) > link * LEAST_GAIN;
        int longest = way.shrunk * LEAST_GAIN < 1 ? BUSY_PAUSE : MAX_PAUSE;
        way.pause = wins ? FIRST_PAUSE : Math.min(longest, 2 * way.pause);
        way.nextTry = batch + way.pause;
      }
    }
  }
}
