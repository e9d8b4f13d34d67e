package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Hello;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class IncomingDispatcherTest {
  private final MemoryRegion ram =
      MemoryRegion.map(new SimulatedKernel(), 0, "ram", Backing.ANONYMOUS, 4096);
  private final List<String> calls = new ArrayList<>();
  private final IncomingCounters counters = new IncomingCounters();
  private final PublishedProgress published = new PublishedProgress(counters);
  private final IncomingDispatcher dispatcher =
      new IncomingDispatcher(ImmediateEventExecutor.INSTANCE, () -> 7, published);
  private final IncomingSession session = new IncomingSession(Hello.getDefaultInstance());
  private final RecordingLink link = new RecordingLink(calls);
  private final IncomingMigration migration =
      new IncomingMigration(
          new RecordingVm(calls, ram),
          link,
          counters,
          new SourceLiveness(new PeerTimeouts(Duration.ZERO, Duration.ZERO), false, 0, 7),
          7);

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void eventOfTheCurrentSessionIsHandledAndPublished() {
    dispatcher.begin(migration, session);
    dispatcher.onMigration(session, of -> calls.add("event"));
    assertThat(calls).containsExactly("event");
    assertThat(published.state()).isEqualTo(IncomingState.RECEIVING);
  }

  @Test
  void eventOfAnEarlierSessionIsIgnored() {
    dispatcher.begin(migration, session);
    dispatcher.replaceSession(new IncomingSession(Hello.getDefaultInstance()));
    dispatcher.onMigration(session, of -> calls.add("event"));
    assertThat(calls).isEmpty();
  }

  @Test
  void eventOfAClosedSessionIsIgnored() {
    dispatcher.begin(migration, session);
    session.close();
    dispatcher.onMigration(session, of -> calls.add("event"));
    assertThat(calls).isEmpty();
  }

  /** A connection may arrive, or break, on another loop while the node ends. */
  @Test
  void eventsAfterTheEndOfTheNodeAreDropped() {
    DefaultEventExecutor loop = new DefaultEventExecutor();
    IncomingDispatcher ended = new IncomingDispatcher(loop, () -> 7, published);
    assertThat(loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(10_000))
        .isTrue();
    ended.begin(migration, session);
    ended.onMigration(session, of -> calls.add("event"));
    ended.later(() -> calls.add("task"));
    ended.failed("a connection was lost");
    assertThat(calls).isEmpty();
    assertThat(ended.result()).isNotDone();
  }

  @Test
  void invalidDataEndsTheConnectionsAndSoAMigrationBeforeReady() {
    dispatcher.begin(migration, session);
    dispatcher.onMigration(
        session,
        of -> {
          throw new WireException("two of a kind");
        });
    assertThat(published.state()).isEqualTo(IncomingState.FAILED);
    assertThat(migration.report(7).error()).isEqualTo("two of a kind");
  }

  @Test
  void taskThatBreaksFailsTheMigration() {
    dispatcher.begin(migration, session);
    dispatcher.later(
        () -> {
          throw new AssertionError("a bit is lost");
        });
    assertThat(published.state()).isEqualTo(IncomingState.FAILED);
    assertThat(migration.report(7).error()).startsWith("the destination broke: ").contains("bit");
  }

  @Test
  void migrationEndsEvenIfItsEndIsBroken() {
    dispatcher.begin(migration, session);
    link.broken = true;
    dispatcher.failed("cut");
    assertThat(dispatcher.result())
        .completesExceptionallyWithin(Duration.ZERO)
        .withThrowableThat()
        .withMessageContainingAll("cut", "internal error at the destination", "part of the link");
  }

  @Test
  void failureBeforeTheFirstSessionIsTheResult() {
    dispatcher.failed("no thread");
    dispatcher.failed("again");
    assertThat(dispatcher.result().join().error()).isEqualTo("no thread");
    assertThat(published.state()).isEqualTo(IncomingState.FAILED);
  }
}
