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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

/**
 * The nodes' threads allocate nothing for a fault or a page once they are warm. The JVM counts
 * bytes per thread. What a thread allocates for its clock (the published report, heartbeats)
 * depends on time and not on faults, and there is more time between two faults on a slow machine.
 * So it is measured while there are no faults, for {@value #IDLE_NANOS} ns, and subtracted.
 *
 * <p>One exception: for each background run of 64 pages, Netty allocates a slice of guest memory at
 * the source.
 */
final class FaultPathAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int PAGE_BYTES = 4096;

  /** For each page: about 150 bytes for a run of 64 pages. */
  private static final long BYTES_OF_A_SLICE = 3;

  /** An object has 16 bytes or more: one for every fourth fault or page is noticed. */
  private static final double MAX_BYTES = 4;

  private static final long IDLE_NANOS = 1_000_000_000L; // a heartbeat of each side

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
    int pages = 48 * 1024;
    // 1 KiB/s: the background sends one run and then waits for the rest of the test.
    try (Running running =
        new Running(kernel, config(pages + 4096, pages), 1024, false, recorded)) {
      LongSupplier faults = running.destination::faults;
      List<Stretch> busy = stretches(faults, 28 * 1024, pages - 1024);
      await(faults, pages - 64); // of a run that the background has sent there is no fault
      Stretch idle = idle(faults);
      assertThat(idle.units()).as("faults meanwhile").isLessThan(64);
      for (String thread : List.of("fl-dest-faults", "fl-src-control")) {
        assertThat(perUnit(thread, busy, idle)).as(thread).isLessThan(MAX_BYTES);
      }
      assertThat(running.recordedFaults()).isGreaterThanOrEqualTo(recorded ? 28 * 1024 : 0);
    }
  }

  @ParameterizedTest(name = "recorded: {0}")
  @ValueSource(booleans = {false, true})
  void backgroundPageAllocatesNothingExceptASlicePerRunAtTheSource(boolean recorded)
      throws Exception {
    int pages = 128 * 1024;
    SimulatedVmConfig slowGuest = config(pages, pages).withPace(1);
    try (Running running =
        new Running(kernel, slowGuest, SourceSettings.UNLIMITED, true, recorded)) {
      LongSupplier sent = () -> running.source.progress().bytesSent() / PAGE_BYTES;
      List<Stretch> busy = stretches(sent, pages / 2, pages - 16 * 1024);
      assertThat(running.source.pauseBulk().get().done()).as("pauses").isTrue();
      Stretch idle = idle(sent);
      assertThat(idle.units()).as("pages meanwhile").isLessThan(8 * 1024); // those on the way
      assertThat(perUnit("fl-src-bulk", busy, idle)).isLessThan(MAX_BYTES + BYTES_OF_A_SLICE);
      assertThat(perUnit("fl-dest-bulk", busy, idle)).isLessThan(MAX_BYTES);
    }
  }

  private static SimulatedVmConfig config(int pages, int workingSetPages) {
    return SimulatedVmConfig.of(
            (long) pages * PAGE_BYTES, Backing.ANONYMOUS, 1, Workload.SEQUENTIAL, 1)
        .withWorkingSetBytes((long) workingSetPages * PAGE_BYTES);
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
   * A stretch of time.
   *
   * @param units faults or pages in it
   * @param bytes that each thread allocated in it
   */
  private record Stretch(long nanos, long units, Map<String, Long> bytes) {
    long bytesOf(String thread) {
      return Objects.requireNonNull(bytes.get(thread), thread);
    }

    double bytesPerNano(String thread) {
      return (double) bytesOf(thread) / nanos;
    }
  }

  /** Begins now. */
  private static final class Stopwatch {
    private final LongSupplier units;
    private final long startNanos = System.nanoTime();
    private final long unitsBefore;
    private final Map<String, Long> bytesBefore;

    Stopwatch(LongSupplier units) {
      this.units = units;
      unitsBefore = units.getAsLong();
      bytesBefore = allocated();
    }

    Stretch stop() {
      Map<String, Long> bytes = allocated();
      bytes.replaceAll((thread, sum) -> sum - bytesBefore.getOrDefault(thread, 0L));
      Stretch stretch =
          new Stretch(System.nanoTime() - startNanos, units.getAsLong() - unitsBefore, bytes);
      System.out.println(stretch);
      return stretch;
    }
  }

  private static List<Stretch> stretches(LongSupplier units, long from, long to)
      throws InterruptedException {
    List<Stretch> stretches = new ArrayList<>();
    await(units, from);
    for (int i = 1; i <= STRETCHES; i++) {
      Stopwatch watch = new Stopwatch(units);
      await(units, from + (to - from) * i / STRETCHES);
      stretches.add(watch.stop());
    }
    return stretches;
  }

  private static Stretch idle(LongSupplier units) throws InterruptedException {
    Thread.sleep(100); // what is on the way arrives
    Stopwatch watch = new Stopwatch(units);
    Thread.sleep(Duration.ofNanos(IDLE_NANOS));
    return watch.stop();
  }

  /**
   * Bytes that a thread allocated per unit, in the best of several stretches: how soon the path is
   * compiled depends on the machine.
   */
  private static double perUnit(String thread, List<Stretch> busy, Stretch idle) {
    double perNano = idle.bytesPerNano(thread);
    return busy.stream()
        .mapToDouble(s -> (s.bytesOf(thread) - perNano * s.nanos()) / s.units())
        .min()
        .orElseThrow();
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
