package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.source.journal.JournalStage;
import io.faultline.source.journal.JournalSummary;
import io.faultline.tests.tags.RunsAlone;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Migrations between processes with random faults. Each ends verified, or both sides report why
 * not; no journal or memory is left over.
 *
 * <p>Each prints its seed; {@code -Dfaultline.seed=N} runs only that one, {@code
 * -Dfaultline.runs=N} sets how many there are, {@code -Dfaultline.no.huge.pages=true} avoids the
 * huge-page pool.
 */
class RandomFaultsTest {
  private static final int RUNS = Integer.getInteger("faultline.runs", 5);
  private static final @Nullable Long SEED = Long.getLong("faultline.seed");
  private static final int MOST_WITHOUT_ARRIVAL = 20;
  private static final int SILENT_PEERS = 120;
  private static final long LONGER_THAN_A_HEARTBEAT_MILLIS = 900;

  /** The message of a source whose migration did not complete. */
  private static final String REASON =
      ".*(the VM continues here|the VM ended with it|RUN was sent: the destination owns the VM).*";

  /** Whether this test may use and drain the machine's huge-page pool. */
  private static final boolean HUGE = !Boolean.getBoolean("faultline.no.huge.pages");

  /** Huge pages of both sides. */
  private static final long HUGE_PAGES = 2 * FaultPlan.MAX_MIB / 2;

  @RegisterExtension private final Processes processes = new Processes();
  private final List<Socket> silentPeers = new ArrayList<>();
  private int files;

  @Test
  void everyMigrationCompletesOrReportsWhyNot() throws Exception {
    int verified = run(RUNS, false);
    for (int more = 0; verified == 0 && SEED == null && more < MOST_WITHOUT_ARRIVAL; more++) {
      verified = run(1, false); // two in five end with a reason
    }
    assertThat(verified).isGreaterThanOrEqualTo(SEED == null ? 1 : 0);
  }

  @RunsAlone
  @Test
  void everyMigrationOfHugePagesCompletesOrReportsWhyNot() throws Exception {
    assumeTrue(HUGE && HugePages.areAvailable(HUGE_PAGES), "huge pages are not available");
    run((RUNS + 4) / 5, true);
  }

  /** Returns how many VMs arrived. */
  private int run(int wanted, boolean hugePages) throws Exception {
    SplittableRandom random = new SplittableRandom(System.nanoTime());
    Map<FaultPlan.Kind, Integer> injected = new EnumMap<>(FaultPlan.Kind.class);
    List<AssertionError> failures = new ArrayList<>();
    int verified = 0;
    int runs = SEED == null ? wanted : 1;
    boolean disks = SmallDisk.canMount(processes.file("disk"));
    System.out.println(
        disks
            ? "some with a full journal"
            : "none with a full journal: no file system can be mounted");
    for (int i = 0; i < runs; i++) {
      FaultPlan plan = plan(random, hugePages, disks);
      System.out.println("run " + i + ": " + plan);
      try {
        boolean arrived = run(plan, injected);
        System.out.println("run " + i + ": " + (arrived ? "verified" : "ended with a reason"));
        verified += arrived ? 1 : 0;
      } catch (AssertionError | ConditionTimeoutException e) {
        System.out.println("run " + i + ": failed: " + e.getMessage());
        failures.add(
            new AssertionError(
                "-Dfaultline.seed=" + plan.seed() + " (" + plan + "): " + e.getMessage(), e));
      }
    }
    System.out.println(verified + " of " + runs + " verified; faults: " + injected);
    assertAll(failures.stream().map(failure -> () -> fail(failure.getMessage(), failure)));
    return verified;
  }

  /** The next one in huge pages, or in others. */
  private static FaultPlan plan(SplittableRandom random, boolean hugePages, boolean disks) {
    if (SEED != null) {
      FaultPlan repeated = FaultPlan.of(SEED, hugePages, disks);
      assumeTrue(repeated.huge() == hugePages, "this seed is of a run of the other kind");
      return repeated;
    }
    FaultPlan next;
    do {
      next = FaultPlan.of(random.nextLong(), hugePages, disks);
    } while (next.huge() != hugePages);
    return next;
  }

  /** Returns whether the VM arrived. */
  private boolean run(FaultPlan plan, Map<FaultPlan.Kind, Integer> injected) throws Exception {
    files++;
    Path json = processes.file("dest" + files + ".json");
    Path state = Files.createDirectory(processes.file("state" + files));
    boolean fills = plan.has(FaultPlan.Kind.JOURNAL_FULL);
    try (MemoryFile memory = MemoryFile.named("random" + files);
        JournalDirectory journals = JournalDirectory.of(processes.file("journals" + files), fills);
        HugePages.Drainable pool = HugePages.drainable(plan.huge() ? HUGE_PAGES : 0)) {
      Node dest = dest(json, state);
      NodePair nodes = new NodePair(dest);
      try (BreakingRelay relay =
          BreakingRelay.to(
              dest.awaitPort(), plan.faults(), kind -> inject(kind, nodes, pool, journals))) {
        nodes.source(source(plan, relay.port(), state, journals, memory));
        int exit = nodes.awaitSource(() -> resume(plan, state, journals));
        int destExit = dest.await(Node.LIMIT);
        for (int i = 0; i < relay.done(); i++) {
          injected.merge(plan.faults().get(i).kind(), 1, Integer::sum);
        }
        return check(plan, exit, destExit, nodes, json, journals);
      } finally {
        for (Socket each : silentPeers) {
          each.close();
        }
        silentPeers.clear();
      }
    }
  }

  /** Checks the end of a migration; returns whether the VM arrived. */
  private static boolean check(
      FaultPlan plan,
      int sourceExit,
      int destExit,
      NodePair nodes,
      Path json,
      JournalDirectory journals)
      throws IOException {
    nodes.dest().assertNoStackTrace();
    nodes.source().assertNoStackTrace();
    boolean arrived = destExit == 0;
    if (arrived) {
      Result.read(json).assertVerified();
      if (sourceExit == 0) {
        assertThat(journals.list()).as("journals left").isEmpty();
      } else { // it was not notified that the last page had arrived
        assertThat(nodes.source().err()).anyMatch(line -> line.contains("gave up"));
      }
    } else {
      assertThat(sourceExit).as("%s", nodes).isNotZero();
      assertThat(nodes.source().err()).anyMatch(line -> line.matches(REASON));
      if (!plan.has(FaultPlan.Kind.KILL_DESTINATION)) {
        assertThat(nodes.dest().err()).as("a reason").isNotEmpty();
      }
    }
    assertThat(arrived || !plan.mustArrive()).as("it arrives: %s", nodes).isTrue();
    return arrived;
  }

  /** Injects a fault that is not one of the network. */
  private void inject(
      FaultPlan.Kind kind, NodePair nodes, HugePages.Drainable pool, JournalDirectory journals) {
    Node dest = nodes.dest();
    try {
      switch (kind) {
        case KILL_SOURCE -> nodes.source().kill();
        case KILL_DESTINATION -> dest.kill();
        case STOP_SOURCE -> stopForAWhile(nodes.source());
        case STOP_DESTINATION -> stopForAWhile(dest);
        case POOL_DRAINED -> drainForAWhile(pool);
        case JOURNAL_FULL -> journals.fill();
        case NO_DESCRIPTORS_AT_SOURCE -> withholdDescriptors(nodes.source());
        case NO_DESCRIPTORS -> connectSilentPeers(dest.awaitPort());
        default -> throw new IllegalArgumentException(kind + " is a fault of the network");
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(kind + " could not be injected", e);
    }
  }

  /** Uses up the descriptors of a destination. */
  private void connectSilentPeers(int port) throws IOException {
    for (int i = 0; i < SILENT_PEERS; i++) {
      try {
        silentPeers.add(new Socket(InetAddress.getLoopbackAddress(), port));
      } catch (ConnectException e) {
        return; // the migration has ended, and the destination listens no more
      }
    }
  }

  /** A node keeps its open descriptors, and cannot open new ones for a while. */
  private static void withholdDescriptors(Node node) throws IOException, InterruptedException {
    Descriptors.limit(node.pid(), 0);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                Thread.sleep(LONGER_THAN_A_HEARTBEAT_MILLIS);
                Descriptors.limit(node.pid(), Descriptors.USUAL);
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(
                    "the limit of descriptors was not restored: " + node, e);
              }
            });
  }

  /** Placing pauses, and goes on once there are pages again. */
  private static void drainForAWhile(HugePages.Drainable pool) throws IOException {
    pool.drain();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                Thread.sleep(LONGER_THAN_A_HEARTBEAT_MILLIS);
                pool.refill();
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException("the pool was not refilled", e);
              }
            });
  }

  private static void stopForAWhile(Node node) throws IOException, InterruptedException {
    node.freeze();
    Thread.sleep(LONGER_THAN_A_HEARTBEAT_MILLIS);
    node.thaw();
  }

  private Node dest(Path json, Path state) throws IOException {
    return processes.startWith(
        List.of("prlimit", "--nofile=100"),
        List.of(
            "dest",
            "--listen=127.0.0.1:0",
            "--json=" + json,
            "--state=" + state,
            "--rehearsal=0ms",
            "--run-on=20ms",
            "--heartbeat=300ms",
            "--give-up-after=60s"));
  }

  private Node source(
      FaultPlan plan, int port, Path state, JournalDirectory journals, MemoryFile memory)
      throws IOException {
    List<String> arguments = new ArrayList<>(sourceOptions(plan, state));
    arguments.addAll(List.of("--to=127.0.0.1:" + port, "--warm-up=20ms", "--pace=0"));
    arguments.addAll(
        plan.huge()
            ? List.of("--backing=hugetlb-2m")
            : List.of(memory.asBacking(), journals.asOption()));
    arguments.addAll(plan.options());
    return processes.start(arguments);
  }

  private static List<String> sourceOptions(FaultPlan plan, Path state) {
    boolean alone = plan.has(FaultPlan.Kind.KILL_DESTINATION);
    return List.of(
        "source",
        "--quiet",
        "--state=" + state,
        "--rehearsal=0ms",
        "--heartbeat=300ms",
        "--give-up-after=" + (alone ? "2s" : "40s"));
  }

  private Optional<Node> resume(FaultPlan plan, Path state, JournalDirectory journals)
      throws IOException, InterruptedException {
    List<JournalSummary> left = journals.list();
    if (left.isEmpty()) {
      return Optional.empty(); // it was killed after its last step
    }
    List<String> arguments = new ArrayList<>(sourceOptions(plan, state));
    arguments.addAll(List.of("--resume=" + left.getFirst().id(), journals.asOption()));
    if (journals.isFull() && left.getFirst().stage() == JournalStage.COMMITTED) {
      Node refused = processes.start(arguments);
      refused.awaitFailure(1, Node.LIMIT);
      assertThat(refused.err().getLast()).contains("cannot be written", "No space left on device");
      journals.makeRoom();
    }
    return Optional.of(processes.start(arguments));
  }
}
