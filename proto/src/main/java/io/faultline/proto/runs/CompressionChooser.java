package io.faultline.proto.runs;

import io.faultline.proto.Capability;
import io.faultline.proto.wire.Encoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Chooses the encoding of the next run of pages: the one with the highest throughput. Compressing
 * and sending overlap, so the throughput of an encoding is that of the slower of the two. Both are
 * measured on real runs. Each encoding is tried now and then, less and less often while it does not
 * win.
 *
 * <p>The average is taken over times, not speeds. When other processes compete for the processor,
 * most runs are fast and a few take ten times as long, and the link waits for those few.
 *
 * <p>Reads no clock. Confined to the bulk loop.
 */
final class CompressionChooser {
  /** A link this fast outruns every codec here: compression is not even tried. */
  static final long FAST_LINK_BYTES_PER_SECOND = 500_000_000;

  /** An encoding must beat a cheaper one by this factor: it costs processor time on both sides. */
  private static final double MIN_GAIN = 1.15;

  /** Runs that the average of a winning encoding covers. */
  private static final int WINNER_RUNS = 16;

  /** Runs that the average of a losing one covers: old measurements say little. */
  private static final int LOSER_RUNS = 4;

  /** Runs between two tries. */
  private static final int FIRST_PAUSE = 16;

  private static final int MAX_PAUSE = 1024;

  /** The most for an encoding that shrinks pages but was slow: the processor may be free soon. */
  private static final int MAX_PAUSE_WHEN_SLOW = 64;

  private static final double NANOS_PER_SECOND = 1e9;

  private final boolean automatic;
  private final List<Candidate> candidates = new ArrayList<>();
  private long run;
  private long linkBytesPerSecond = LinkMeter.UNKNOWN;

  /** One encoding and its recent results. */
  private static final class Candidate {
    private final Encoding encoding;
    private double nanosPerByte;
    private double ratio;
    private int runs;
    private long nextTry;
    private int pause = FIRST_PAUSE;

    Candidate(Encoding encoding) {
      this.encoding = encoding;
    }

    /** Bytes of uncompressed pages per second, over a link of this speed. */
    double throughput(long linkBytesPerSecond) {
      return Math.min(NANOS_PER_SECOND / nanosPerByte, linkBytesPerSecond / ratio);
    }

    void measured(int bytes, int compressedBytes, long nanos) {
      double newRatio = (double) Math.max(1, compressedBytes) / bytes;
      ratio = runs == 0 ? newRatio : (3 * ratio + newRatio) / 4;
      runs = Math.min(pause == FIRST_PAUSE ? WINNER_RUNS : LOSER_RUNS, runs + 1);
      nanosPerByte += ((double) Math.max(1, nanos) / bytes - nanosPerByte) / runs;
    }
  }

  /**
   * @param agreed the capabilities of both sides
   */
  CompressionChooser(CompressionMode mode, Set<Capability> agreed) {
    automatic = mode == CompressionMode.AUTO;
    if (agreed.contains(Capability.LZ4) && (automatic || mode == CompressionMode.LZ4)) {
      candidates.add(new Candidate(Encoding.ENCODING_LZ4));
    }
    if (agreed.contains(Capability.ZSTD) && (automatic || mode == CompressionMode.ZSTD)) {
      candidates.add(new Candidate(Encoding.ENCODING_ZSTD));
    }
  }

  /** Whether it can ever choose to compress. */
  boolean canCompress() {
    return !candidates.isEmpty();
  }

  /**
   * The encoding of the next run: {@link Encoding#ENCODING_RAW}, or a codec whose result must be
   * reported with {@link #measured}.
   *
   * @param linkRate what the link takes, in bytes per second
   */
  Encoding next(long linkRate) {
    if (!automatic) {
      return candidates.isEmpty() ? Encoding.ENCODING_RAW : candidates.getFirst().encoding;
    }
    linkBytesPerSecond = linkRate;
    if (linkRate > FAST_LINK_BYTES_PER_SECOND) {
      return Encoding.ENCODING_RAW;
    }
    run++;
    Encoding best = Encoding.ENCODING_RAW;
    double bestThroughput = linkRate;
    for (Candidate each : candidates) {
      if (run >= each.nextTry) {
        return each.encoding;
      }
      if (each.throughput(linkRate) > bestThroughput * MIN_GAIN) {
        best = each.encoding;
        bestThroughput = each.throughput(linkRate);
      }
    }
    return best;
  }

  /**
   * Reports the result of a compressed run.
   *
   * @param bytes before compression, at least 1
   * @param compressedBytes after compression
   * @param nanos the time that compression took
   */
  void measured(Encoding encoding, int bytes, int compressedBytes, long nanos) {
    for (Candidate each : candidates) {
      if (each.encoding == encoding) {
        each.measured(bytes, compressedBytes, nanos);
        boolean wins = each.throughput(linkBytesPerSecond) > linkBytesPerSecond * MIN_GAIN;
        int longest = each.ratio * MIN_GAIN < 1 ? MAX_PAUSE_WHEN_SLOW : MAX_PAUSE;
        each.pause = wins ? FIRST_PAUSE : Math.min(longest, 2 * each.pause);
        each.nextTry = run + each.pause;
      }
    }
  }
}
