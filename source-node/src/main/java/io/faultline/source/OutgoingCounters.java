package io.faultline.source;

import io.faultline.proto.Hellos;
import io.faultline.proto.runs.CompressionCounters;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** The counters of an outgoing migration. Thread-safe. */
final class OutgoingCounters {
  final LongAdder precopyPages = new LongAdder();
  final LongAdder precopyZeroPages = new LongAdder();
  final LongAdder urgentPages = new LongAdder();
  final LongAdder prefetchedPages = new LongAdder();
  final LongAdder backgroundPages = new LongAdder();
  final LongAdder zeroPages = new LongAdder();
  final LongAdder requests = new LongAdder();
  final LongAdder duplicateRequests = new LongAdder();
  final LongAdder currentAnswers = new LongAdder();
  final LongAdder bytesSent = new LongAdder();
  final CompressionCounters compression = new CompressionCounters();

  private final LongAdder[] channelBytes =
      Stream.generate(LongAdder::new).limit(Hellos.MAX_CHANNELS).toArray(LongAdder[]::new);

  /** Adds bytes of pages sent on a bulk connection. */
  void sentOn(int channel, long bytes) {
    channelBytes[channel].add(bytes);
  }

  /** Bytes of pages sent on a bulk connection. */
  long bytesSentOn(int channel) {
    return channelBytes[channel].sum();
  }

  /** Bytes of pages sent on all bulk connections. */
  long bulkBytes() {
    return Arrays.stream(channelBytes).mapToLong(LongAdder::sum).sum();
  }

  /** Bytes of pages sent on each of the bulk connections. */
  List<Long> channelBytes(int channels) {
    Long[] bytes = new Long[channels];
    for (int channel = 0; channel < channels; channel++) {
      bytes[channel] = channelBytes[channel].sum();
    }
    return List.of(bytes);
  }

  /** Base pages sent after the switchover. */
  long pagesSent() {
    return urgentPages.sum() + backgroundPages.sum() + zeroPages.sum();
  }

  /** Base pages sent in precopy rounds, with or without data. */
  long precopyPagesSent() {
    return precopyPages.sum() + precopyZeroPages.sum();
  }
}
