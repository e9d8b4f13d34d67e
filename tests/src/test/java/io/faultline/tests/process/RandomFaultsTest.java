package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.fail;

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
 * Migrations between processes to which random things happen. Each ends verified, or with the
 * reason said by both ends, and leaves nothing.
 *
 * <p>Each prints its seed; {@code -Dfaultline.seed=N} runs that one alone, {@code
 * -Dfaultline.runs=N} changes how many there are, {@code -Dfaultline.no.huge.pages=true} leaves the
 * pool alone.
 */
@RunsAlone
class RandomFaultsTest {
  private static final int RUNS = Integer.getInteger("faultline.runs", 8);
  private static final @Nullable Long SEED = Long.getLong("faultline.seed");
  private static final int STRANGERS = 120;
  private static final long LONGER_THAN_A_HEARTBEAT = 900;

  /** What a source says of a migration that did not come to its end. */
  private static final String REASON =
      ".*(the VM continues here|the VM ended with it|RUN was sent: the destination owns the VM).*";

  /** Whether the pool of huge pages, which is the machine's, is this test's alone. */
  private static final boolean HUGE = !Boolean.getBoolean("faultline.no.huge.pages");

  /** Those of both ends. */
  private static final long HUGE_PAGES = 2 * FaultPlan.MOST_MIB / 2;

  @RegisterExtension private final Processes processes = new Processes();
  private final List<Socket> strangers = new ArrayList<>();
  private int files;

  @Test
  void everyMigrationArrivesOrSaysWhyNot() throws Exception {
    SplittableRandom random = new SplittableRandom();
    Map<FaultPlan.Kind, Integer> seen = new EnumMap<>(FaultPlan.Kind.class);
    List<AssertionError> failures = new ArrayList<>();
    int verified = 0;
    int runs = SEED == null ? RUNS : 1;
    boolean hugePages = HUGE && HugePages.canLend(HUGE_PAGES);
    boolean disks = SmallDisk.canMount(processes.file("disk"));
    System.out.println(disks ? "some without room" : "none without room: nothing can be mounted");
    System.out.println(hugePages ? "some on huge pages" : "none on huge pages: they are not lent");
    for (int i = 0; i < runs; i++) {
      FaultPlan plan = FaultPlan.of(SEED == null ? random.nextLong() : SEED, hugePages, disks);
      System.out.println("run " + i + ": " + plan);
      try {
        boolean arrived = run(plan, seen);
        System.out.println("run " + i + ": " + (arrived ? "verified" : "ended with its reason"));
        verified += arrived ? 1 : 0;
      } catch (AssertionError | ConditionTimeoutException e) {
        System.out.println("run " + i + ": failed: " + e.getMessage());
        failures.add(new AssertionError("-Dfaultline.seed=" + plan.seed() + " (" + plan + ")", e));
      }
    }
    System.out.println(verified + " of " + runs + " verified; faults: " + seen);
    assertAll(failures.stream().map(failure -> () -> fail(failure)));
    assertThat(verified).isGreaterThanOrEqualTo(SEED == null ? 1 : 0);
  }

  /** Returns whether the VM arrived. */
  private boolean run(FaultPlan plan, Map<FaultPlan.Kind, Integer> seen) throws Exception {
    files++;
    Path json = processes.file("dest" + files + ".json");
    Path state = Files.createDirectory(processes.file("state" + files));
    boolean fills = plan.has(FaultPlan.Kind.JOURNAL_FULL);
    try (MemoryFile memory = MemoryFile.named("random" + files);
        JournalDirectory journals = JournalDirectory.of(processes.file("journals" + files), fills);
        HugePages.Drainable pool = HugePages.drainable(plan.huge() ? HUGE_PAGES : 0)) {
      Node dest = dest(json, state);
      BothEnds ends = new BothEnds(dest);
      try (BreakingRelay relay =
          BreakingRelay.to(
              dest.awaitPort(), plan.faults(), kind -> happen(kind, ends, pool, journals))) {
        ends.source(source(plan, relay.port(), state, journals, memory));
        int exit = ends.awaitSource(() -> resume(plan, state, journals));
        int destExit = dest.await(Node.LIMIT);
        for (int i = 0; i < relay.done(); i++) {
          seen.merge(plan.faults().get(i).kind(), 1, Integer::sum);
        }
        return judge(plan, exit, destExit, ends, json, journals);
      } finally {
        for (Socket each : strangers) {
          each.close();
        }
        strangers.clear();
      }
    }
  }

  private static boolean judge(
      FaultPlan plan,
      int sourceExit,
      int destExit,
      BothEnds ends,
      Path json,
      JournalDirectory journals)
      throws IOException {
    ends.dest().assertNoStackTrace();
    ends.source().assertNoStackTrace();
    boolean arrived = destExit == 0;
    if (arrived) {
      Result.read(json).assertVerified();
      if (sourceExit == 0) {
        assertThat(journals.list()).as("journals left").isEmpty();
      } else { // it never heard of the last page
        assertThat(ends.source().err()).anyMatch(line -> line.contains("gave up"));
      }
    } else {
      assertThat(sourceExit).as("%s", ends).isNotZero();
      assertThat(ends.source().err()).anyMatch(line -> line.matches(REASON));
      if (!plan.has(FaultPlan.Kind.KILL_DESTINATION)) {
        assertThat(ends.dest().err()).as("a reason").isNotEmpty();
      }
    }
    assertThat(arrived || !plan.hasToArrive()).as("it arrives: %s", ends).isTrue();
    return arrived;
  }

  private void happen(
      FaultPlan.Kind kind, BothEnds ends, HugePages.Drainable pool, JournalDirectory journals) {
    Node dest = ends.dest();
    try {
      switch (kind) {
        case KILL_SOURCE -> ends.source().kill();
        case KILL_DESTINATION -> dest.kill();
        case STOP_SOURCE -> stopForAWhile(ends.source());
        case STOP_DESTINATION -> stopForAWhile(dest);
        case POOL_DRAINED -> pool.drain();
        case JOURNAL_FULL -> journals.fill();
        case NO_DESCRIPTORS_AT_SOURCE -> withoutDescriptors(ends.source());
        case NO_DESCRIPTORS -> connectStrangers(dest.awaitPort());
        default -> throw new IllegalArgumentException(kind + " is not for this");
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(kind + " did not happen", e);
    }
  }

  private void connectStrangers(int port) throws IOException {
    for (int i = 0; i < STRANGERS; i++) {
      try {
        strangers.add(new Socket(InetAddress.getLoopbackAddress(), port));
      } catch (ConnectException e) {
        return; // the migration is over, and nobody listens any more
      }
    }
  }

  /** It keeps what it has open, and a while later may open more. */
  private static void withoutDescriptors(Node node) throws IOException, InterruptedException {
    Descriptors.limit(node.pid(), 0);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                Thread.sleep(LONGER_THAN_A_HEARTBEAT);
                Descriptors.limit(node.pid(), Descriptors.USUAL);
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(node + " stays without descriptors", e);
              }
            });
  }

  private static void stopForAWhile(Node node) throws IOException, InterruptedException {
    node.freeze();
    Thread.sleep(LONGER_THAN_A_HEARTBEAT);
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
    List<String> arguments = new ArrayList<>(atSource(plan, state));
    arguments.addAll(List.of("--to=127.0.0.1:" + port, "--warm-up=20ms", "--pace=0"));
    arguments.addAll(
        plan.huge()
            ? List.of("--backing=hugetlb-2m")
            : List.of(memory.asBacking(), journals.asOption()));
    arguments.addAll(plan.options());
    return processes.startWith(List.of(), arguments);
  }

  private static List<String> atSource(FaultPlan plan, Path state) {
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
      return Optional.empty(); // it was killed behind its last step
    }
    List<String> arguments = new ArrayList<>(atSource(plan, state));
    arguments.addAll(List.of("--resume=" + left.getFirst().id(), journals.asOption()));
    if (journals.isFull() && left.getFirst().stage() == JournalStage.COMMITTED) {
      Node refused = processes.startWith(List.of(), arguments);
      refused.awaitFailure(1, Node.LIMIT);
      assertThat(refused.err().getLast()).contains("cannot be written", "No space left on device");
      journals.makeRoom();
    }
    return Optional.of(processes.startWith(List.of(), arguments));
  }
}
