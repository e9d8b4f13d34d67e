package io.faultline.source;

import io.faultline.proto.Hellos;
import io.faultline.source.compression.CompressionCounters;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
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

  /** Bytes of pages sent on each of the bulk connections. */
  List<Long> channelBytes(int channels) {
    return Arrays.stream(channelBytes, 0, channels).map(LongAdder::sum).toList();
  }

  /** Base pages sent after the switchover. */
  long pagesSent() {
    return urgentPages.sum() + backgroundPages.sum() + zeroPages.sum();
  }

  /** Base pages sent in precopy rounds, with or without data. */
  long precopyPagesSent() {
    return precopyPages.sum() + precopyZeroPages.sum();
  }

  /**
   * Registers a meter for each counter.
   *
   * @param recoveries counted elsewhere
   */
  void register(MeterRegistry registry, LongAdder recoveries) {
    counter(registry, "recoveries", "Connections re-established after a loss", recoveries);
    counter(registry, "pages.precopy", "Pages with data sent in precopy rounds", precopyPages);
    counter(registry, "pages.precopy.zero", "Zero pages sent in precopy rounds", precopyZeroPages);
    counter(
        registry,
        "pages.urgent",
        "Pages with data sent on request, or prefetched with one",
        urgentPages);
    counter(
        registry,
        "pages.prefetched",
        "Pages, including zero pages, sent before they were requested",
        prefetchedPages);
    counter(
        registry, "pages.background", "Pages with data sent in the background", backgroundPages);
    counter(registry, "pages.zero", "Zero pages, sent without data", zeroPages);
    counter(registry, "requests.received", "Page requests received", requests);
    counter(registry, "requests.duplicate", "Requests for pages sent before", duplicateRequests);
    counter(
        registry,
        "requests.current",
        "Requests for pages that were already current",
        currentAnswers);
    counter(registry, "bytes.sent", "Bytes of page frames sent", bytesSent);
    counter(registry, "pages.compressed", "Pages sent compressed", compression.pages());
    counter(
        registry,
        "compression.bytes.before",
        "Bytes of compressed pages, before compression",
        compression.bytesBefore());
    counter(
        registry,
        "compression.bytes.after",
        "Bytes of compressed pages, after compression",
        compression.bytesAfter());
  }

  private static void counter(
      MeterRegistry registry, String name, String description, LongAdder value) {
    FunctionCounter.builder("faultline." + name, value, LongAdder::sum)
        .description(description)
        .register(registry);
  }
}
