package io.faultline.cli.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.engine.Engines;
import io.faultline.demo.simulated.SimulatedDestination;
import io.faultline.demo.simulated.SimulatedSource;
import io.faultline.demo.simulated.SimulatedVm;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.dest.DestinationSettings;
import io.faultline.dest.MigrationDestination;
import io.faultline.dest.recording.IncomingRecording;
import io.faultline.memory.Backing;
import io.faultline.proto.Transport;
import io.faultline.source.MigrationSource;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.ResourceLeakDetector;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

/**
 * The nodes' threads allocate nothing for a fault or a page once they are warm. The JVM counts
 * bytes per thread; the test divides them by thousands of faults or pages, so that what a thread
 * allocates ten times a second for its clock is less than 1 byte each.
 *
 * <p>One exception: for each background run of 64 pages, Netty allocates a slice of guest memory at
 * the source.
 */
final class FaultPathAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int PAGE_BYTES = 4096;

  /** For each page: about 150 bytes for a run of 64 pages. */
  private static final long BYTES_OF_A_SLICE = 3;

  private static final long WAIT_NANOS = 60_000_000_000L;

  /** As the launcher does: Netty would record stack traces for a sample of its buffers. */
  @BeforeAll
  static void disableLeakDetection() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
  }

  @AfterAll
  static void restoreLeakDetection() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
  }

  private static final int STRETCHES = 4;

  private final Kernel kernel = kernelOfThisMachine();

  private static Kernel kernelOfThisMachine() {
    assumeThat(THREADS.isThreadAllocatedMemorySupported()).as("bytes are counted").isTrue();
    try {
      return Engines.open(EngineChoice.KERNEL, line -> {});
    } catch (RuntimeException e) {
      throw new TestAbortedException("userfaultfd is not allowed here: " + e.getMessage(), e);
    }
  }

  @ParameterizedTest(name = "recorded: {0}")
  @ValueSource(booleans = {false, true})
  void faultAllocatesNothingOnEitherSide(boolean recorded) throws Exception {
    int pages = 56 * 1024;
    SimulatedVmConfig guest = config(pages);
    // 1 KiB/s: the background sends one run and then waits for the rest of the test.
    try (Running running = new Running(kernel, guest, 1024, false, recorded)) {
      LongSupplier faults = running.destination::faults;
      Map<String, Long> perFault = perUnit(faults, 30 * 1024, pages - 2048);
      assertThat(perFault).containsOnlyKeys("fl-dest-faults", "fl-src-control");
      assertThat(perFault.get("fl-src-control")).isZero();
      assertThat(perFault.get("fl-dest-faults")).isZero();
      assertThat(running.recordedFaults()).isGreaterThanOrEqualTo(recorded ? 30 * 1024 : 0);
    }
  }

  @ParameterizedTest(name = "recorded: {0}")
  @ValueSource(booleans = {false, true})
  void backgroundPageAllocatesNothingExceptASlicePerRunAtTheSource(boolean recorded)
      throws Exception {
    int pages = 128 * 1024;
    try (Running running =
        new Running(kernel, config(pages).withPace(1), SourceSettings.UNLIMITED, true, recorded)) {
      LongSupplier sent = () -> running.source.progress().bytesSent() / PAGE_BYTES;
      Map<String, Long> perPage = perUnit(sent, pages / 2, pages - 4096);
      assertThat(perPage).containsKeys("fl-dest-bulk", "fl-src-bulk");
      assertThat(perPage.get("fl-src-bulk")).isLessThanOrEqualTo(BYTES_OF_A_SLICE);
      assertThat(perPage.get("fl-dest-bulk")).isZero();
    }
  }

  private static SimulatedVmConfig config(int pages) {
    long bytes = (long) pages * PAGE_BYTES;
    return SimulatedVmConfig.of(bytes, Backing.ANONYMOUS, 1, Workload.SEQUENTIAL, 1)
        .withWorkingSetBytes(bytes);
  }

  /** A running migration. */
  private static final class Running implements AutoCloseable {
    private final SimulatedVm vm;
    private final SimulatedDestination arriving;
    private final MigrationDestination destination;
    private final MigrationSource source;
    private final IncomingRecording recording = new IncomingRecording(System::nanoTime);

    Running(
        Kernel kernel, SimulatedVmConfig guest, long bandwidth, boolean prefetch, boolean recorded)
        throws Exception {
      vm = SimulatedVm.create(kernel, guest);
      arriving = new SimulatedDestination(kernel);
      DestinationSettings defaults = DestinationSettings.DEFAULT;
      destination =
          new MigrationDestination(
              kernel,
              arriving,
              new SimpleMeterRegistry(),
              line -> {},
              recorded ? defaults.withRecording(recording) : defaults,
              new Transport());
      InetAddress loopback = InetAddress.getLoopbackAddress();
      SourceSettings settings =
          new SourceSettings(destination.listen(new InetSocketAddress(loopback, 0)))
              .withBubbling(false)
              .withPrefetch(prefetch)
              .withBandwidth(bandwidth);
      source = new MigrationSource(new SimulatedSource(vm), settings, new SimpleMeterRegistry());
      vm.start();
      source.start();
    }

    /** Ends the migration. */
    int recordedFaults() {
      close();
      return recording.events().faults().size();
    }

    @Override
    public void close() {
      source.close();
      destination.close();
      arriving.close();
      vm.close();
    }
  }

  /**
   * Bytes that each thread allocated per unit, in the best of several stretches: how soon the path
   * is compiled depends on the machine.
   */
  private static Map<String, Long> perUnit(LongSupplier units, long from, long to)
      throws InterruptedException {
    Map<String, Long> best = new TreeMap<>();
    for (int i = 0; i < STRETCHES; i++) {
      await(units, from + (to - from) * i / STRETCHES);
      Map<String, Long> before = allocated();
      long first = units.getAsLong();
      await(units, from + (to - from) * (i + 1) / STRETCHES);
      Map<String, Long> after = allocated();
      long counted = Math.max(1, units.getAsLong() - first);
      after.forEach(
          (thread, bytes) -> {
            long more = bytes - before.getOrDefault(thread, 0L);
            System.out.println(thread + ": " + more + " bytes for " + counted);
            best.merge(thread, more / counted, Math::min);
          });
    }
    best.keySet().removeIf(thread -> thread.endsWith("accept"));
    if (to < 100_000) { // the fault test: the background sleeps
      best.keySet().removeIf(thread -> thread.endsWith("bulk"));
    }
    return best;
  }

  private static void await(LongSupplier units, long count) throws InterruptedException {
    long end = System.nanoTime() + WAIT_NANOS;
    while (units.getAsLong() < count) {
      assertThat(System.nanoTime()).as("reaches %d in time", count).isLessThan(end);
      Thread.sleep(1);
    }
  }

  private static Map<String, Long> allocated() {
    Map<String, Long> bytes = new TreeMap<>();
    for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
      if (thread != null && thread.getThreadName().startsWith("fl-")) {
        bytes.put(thread.getThreadName(), THREADS.getThreadAllocatedBytes(thread.getThreadId()));
      }
    }
    return bytes;
  }
}
