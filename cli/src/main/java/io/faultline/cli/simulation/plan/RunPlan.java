package io.faultline.cli.simulation.plan;

import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.proto.security.Security;
import io.faultline.source.MigrationMode;
import io.faultline.source.PrecopySettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.WireSettings;
import io.faultline.source.scan.ScanSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What one run migrates, how, and which faults are injected: all derived from the seed.
 *
 * @param regionPages base pages (4 KiB) of each region
 * @param operations how many loads and stores each vCPU executes at the source; twice as many at
 *     the destination
 * @param guestPauseNanos the usual maximum between two operations of a vCPU
 * @param latencyNanos mean one-way latency of the network
 */
public record RunPlan(
    int vcpus,
    List<Integer> regionPages,
    Backing backing,
    int operations,
    long guestPauseNanos,
    long latencyNanos,
    SourceSettings settings,
    PeerTimeouts timeouts,
    List<InjectedFault> injectedFaults) {
  public static final InetSocketAddress ADDRESS = new InetSocketAddress("10.0.0.2", 7000);

  private static final int MAX_CHANNELS = 3;
  private static final int HUGE_PAGES_ONE_IN = 100;
  private static final int BASE_PAGES_PER_HUGE_PAGE = 512;

  /** Draws a plan. */
  public static RunPlan of(SplittableRandom random) {
    Placement placement = random.nextInt(2) == 0 ? Placement.COPY : Placement.CONTINUE;
    Backing backing = backing(random, placement);
    return new RunPlan(
        1 + random.nextInt(3),
        regionPages(random, backing),
        backing,
        50 + random.nextInt(250),
        10_000L << random.nextInt(8),
        5_000L << (2 * random.nextInt(6)),
        settings(random, placement, backing.pageSize().isHuge()),
        timeouts(random),
        InjectedFault.draw(random));
  }

  private static Backing backing(SplittableRandom random, Placement placement) {
    if (random.nextInt(HUGE_PAGES_ONE_IN) == 0) {
      return Backing.HUGETLB_2M;
    }
    return placement == Placement.CONTINUE || random.nextInt(3) == 0
        ? Backing.SHMEM
        : Backing.ANONYMOUS;
  }

  private static List<Integer> regionPages(SplittableRandom random, Backing backing) {
    boolean huge = backing.pageSize().isHuge();
    List<Integer> pages = new ArrayList<>();
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      pages.add(huge ? BASE_PAGES_PER_HUGE_PAGE * (1 + random.nextInt(2)) : 1 + random.nextInt(64));
    }
    return pages;
  }

  private static SourceSettings settings(
      SplittableRandom random, Placement placement, boolean huge) {
    MigrationMode mode =
        random.nextInt(3) == 0 ? MigrationMode.POSTCOPY : MigrationMode.values()[random.nextInt(3)];
    PrecopySettings precopy =
        new PrecopySettings(
            1 + random.nextInt(4),
            random.nextInt(3) == 0
                ? Duration.ofMillis(1 + random.nextInt(50))
                : PrecopySettings.ANY_TIME,
            Duration.ofMillis(1 + random.nextInt(300)),
            random.nextInt(4) > 0);
    long bandwidth =
        random.nextInt(3) == 0
            ? SourceSettings.UNLIMITED
            : (huge ? 2_000_000L : 20_000L) << random.nextInt(10);
    ScanSettings scan =
        new ScanSettings(random.nextBoolean(), random.nextBoolean(), random.nextBoolean());
    CompressionMode compression =
        random.nextInt(8) == 0
            ? CompressionMode.values()[random.nextInt(CompressionMode.values().length)]
            : CompressionMode.NONE;
    return new SourceSettings(
        ADDRESS,
        mode,
        placement,
        precopy,
        bandwidth,
        scan,
        new WireSettings(compression, true, 1 + random.nextInt(MAX_CHANNELS)),
        Security.INSECURE);
  }

  private static PeerTimeouts timeouts(SplittableRandom random) {
    Duration silence = Duration.ofMillis(List.of(300, 1000, 3000, 3000).get(random.nextInt(4)));
    boolean givesUp = random.nextInt(5) == 0;
    return new PeerTimeouts(
        silence, givesUp ? Duration.ofSeconds(5 + random.nextInt(30)) : Duration.ZERO);
  }

  /** Whether a node that has lost its peer gives up after a time limit. */
  public boolean givesUp() {
    return !timeouts.giveUpAfter().isZero();
  }

  /** Human-readable, on one line. */
  public String describe() {
    return settings.mode()
        + ", "
        + settings.placement()
        + ", "
        + backing
        + ", pages "
        + regionPages
        + ", "
        + vcpus
        + " vCPUs, bandwidth "
        + (settings.bandwidthBytesPerSecond() == SourceSettings.UNLIMITED
            ? "unlimited"
            : settings.bandwidthBytesPerSecond())
        + ", latency "
        + latencyNanos / 1000
        + " us, "
        + settings.wire().compression()
        + ", channels "
        + settings.wire().channels()
        + ", "
        + timeouts
        + ", faults "
        + injectedFaults;
  }
}
