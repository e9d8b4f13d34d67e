package io.faultline.source;

import io.faultline.proto.Hellos;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** What an outgoing migration counts. Thread-safe. */
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
  final LongAdder compressedPages = new LongAdder();
  final LongAdder bytesBeforeCompression = new LongAdder();
  final LongAdder bytesAfterCompression = new LongAdder();
  final LongAdder compressNanos = new LongAdder();

  private final LongAdder[] channelBytes =
      Stream.generate(LongAdder::new).limit(Hellos.MAX_CHANNELS).toArray(LongAdder[]::new);

  /** So many bytes of pages went on a bulk connection. */
  void sentOn(int channel, long bytes) {
    channelBytes[channel].add(bytes);
  }

  /** Bytes of pages on each of the bulk connections. */
  List<Long> channelBytes(int channels) {
    return Arrays.stream(channelBytes, 0, channels).map(LongAdder::sum).toList();
  }

  /** Base pages sent behind the switchover. */
  long pagesSent() {
    return urgentPages.sum() + backgroundPages.sum() + zeroPages.sum();
  }

  /** Base pages that precopy rounds dealt with. */
  long precopied() {
    return precopyPages.sum() + precopyZeroPages.sum();
  }

  /** Registers all, and the recoveries that others count. */
  void register(MeterRegistry registry, LongAdder recoveries) {
    counter(registry, "recoveries", "Lost connections that were made again", recoveries);
    counter(registry, "pages.precopy", "Pages with data sent in precopy rounds", precopyPages);
    counter(registry, "pages.precopy.zero", "Pages of zeros in precopy rounds", precopyZeroPages);
    counter(registry, "pages.urgent", "Pages with data sent on or with a request", urgentPages);
    counter(
        registry,
        "pages.prefetched",
        "Pages, also of zeros, that nobody asked for: needed first, or brought along",
        prefetchedPages);
    counter(
        registry, "pages.background", "Pages with data sent in the background", backgroundPages);
    counter(registry, "pages.zero", "Pages of zeros, sent without data", zeroPages);
    counter(registry, "requests.received", "Page requests received", requests);
    counter(registry, "requests.duplicate", "Requests for pages sent before", duplicateRequests);
    counter(registry, "requests.current", "Requests for pages that were current", currentAnswers);
    counter(registry, "bytes.sent", "Bytes of page frames sent", bytesSent);
    counter(registry, "pages.compressed", "Pages that were sent compressed", compressedPages);
    counter(
        registry, "compression.bytes.before", "Bytes of compressed pages", bytesBeforeCompression);
    counter(
        registry,
        "compression.bytes.after",
        "Bytes that pages were compressed to",
        bytesAfterCompression);
  }

  private static void counter(
      MeterRegistry registry, String name, String description, LongAdder value) {
    FunctionCounter.builder("faultline." + name, value, LongAdder::sum)
        .description(description)
        .register(registry);
  }
}
