package io.faultline.tests.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.DestinationSettings;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.IncomingVmException;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.Polling;
import io.faultline.proto.Transport;
import io.faultline.proto.security.Security;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import io.faultline.tests.migration.MigrationHost;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A user's own service moves, and none of its counts is lost. */
@Timeout(60)
class CounterTableTest {
  private static final long TABLE_BYTES = 8 << 20;
  private static final long SLOW = 256 << 10;

  private final Kernel kernel = MigrationHost.kernel();

  @ParameterizedTest
  @EnumSource(Placement.class)
  void itGoesOnCountingWhereItWasMovedTo(Placement placement) throws Exception {
    try (CounterTable here = new CounterTable(kernel, Backing.SHMEM);
        CounterTable there = new CounterTable(kernel, Backing.SHMEM)) {
      here.create(TABLE_BYTES);
      awaitOperations(here, 10_000);
      Move move = Move.of(kernel, here, there, placement);
      assertThat(move.source().state()).as("%s", move).isEqualTo(OutgoingState.COMPLETED);
      assertThat(move.destination().state()).as("%s", move).isEqualTo(IncomingState.COMPLETED);
      assertThat(move.source().precopyRounds()).isPositive();
      assertThat(here.done()).as("operations at the source").isGreaterThanOrEqualTo(10_000);
      awaitOperations(there, here.done() + 10_000);
      there.pause();
      assertCounted(there);
    }
  }

  @Test
  void aDestinationThatCannotTakeItLeavesItCountingAtTheSource() throws Exception {
    try (CounterTable here = new CounterTable(kernel, Backing.SHMEM);
        CounterTable there = new CounterTable(kernel, Backing.HUGETLB_1G)) {
      here.create(TABLE_BYTES);
      Move move = Move.of(kernel, here, there, Placement.COPY);
      assertThat(move.source().state()).isEqualTo(OutgoingState.FAILED);
      assertThat(move.source().committed()).isFalse();
      assertThat(move.source().error()).contains("no memory for the table");
      awaitOperations(here, here.done() + 1000);
      here.pause();
      assertCounted(here);
    }
  }

  @Test
  void anotherKindOfServiceIsRefused() {
    try (CounterTable there = new CounterTable(kernel, Backing.SHMEM)) {
      AnnouncedRegion region = new AnnouncedRegion(0, "counters", TABLE_BYTES, 4096);
      assertThatThrownBy(() -> there.prepare("key-value", ByteString.EMPTY, List.of(region)))
          .isInstanceOf(IncomingVmException.class)
          .hasMessageContaining("key-value");
    }
  }

  /** Its source is gone before the pages came: no operation may be done on zeros. */
  @Test
  void aTableWhosePagesComeNoMoreIsAbandoned() throws Exception {
    try (CounterTable here = new CounterTable(kernel, Backing.ANONYMOUS);
        CounterTable there = new CounterTable(kernel, Backing.ANONYMOUS)) {
      here.create(2 * TABLE_BYTES);
      awaitOperations(here, 10_000_000); // several for each counter
      try (MigrationDestination destination =
          new MigrationDestination(
              kernel, there, new SimpleMeterRegistry(), line -> {}, impatient(), new Transport())) {
        InetSocketAddress address =
            destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        OutgoingReport out = moveUntilItCounts(here, there, address);
        IncomingReport in = destination.result().get(10, TimeUnit.SECONDS);
        assertThat(out.state()).isEqualTo(OutgoingState.FAILED);
        assertThat(out.committed()).isTrue();
        assertThat(in.state()).isEqualTo(IncomingState.FAILED);
        assertThat(in.vmStarted()).isTrue();
      }
      there.pause();
      long last = there.slot(there.done() - 1);
      long expected = LongStream.range(0, there.done()).filter(n -> there.slot(n) == last).count();
      assertThat(there.counter(last)).as("the last counter").isEqualTo(expected);
    }
  }

  /** Hears of the source's end also where its last word is lost with the connection. */
  private static DestinationSettings impatient() {
    PeerTimeouts timeouts = new PeerTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(1));
    return new DestinationSettings(Polling.BLOCK, timeouts, Security.LOOPBACK_ONLY);
  }

  private static OutgoingReport moveUntilItCounts(
      CounterTable table, CounterTable there, InetSocketAddress to) throws Exception {
    SourceSettings slowly = new SourceSettings(to).withBandwidth(SLOW);
    CompletableFuture<OutgoingReport> ended;
    try (MigrationSource source = new MigrationSource(table, slowly, new SimpleMeterRegistry())) {
      ended = source.start();
      Awaitility.await()
          .pollInterval(5, TimeUnit.MILLISECONDS)
          .until(() -> ended.isDone() || there.done() > table.done());
    }
    return ended.get(10, TimeUnit.SECONDS);
  }

  private static void awaitOperations(CounterTable table, long operations) {
    Awaitility.await().atMost(30, TimeUnit.SECONDS).until(() -> table.done() >= operations);
  }

  /** Each counter is what the operations make of it. */
  private static void assertCounted(CounterTable table) {
    long[] expected = new long[(int) (TABLE_BYTES / Long.BYTES)];
    for (long operation = 0; operation < table.done(); operation++) {
      expected[(int) table.slot(operation)]++;
    }
    long[] counted = LongStream.range(0, expected.length).map(table::counter).toArray();
    assertThat(counted).isEqualTo(expected);
  }
}
