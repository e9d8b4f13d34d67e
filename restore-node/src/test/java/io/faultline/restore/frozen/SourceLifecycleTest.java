package io.faultline.restore.frozen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.proto.WireException;
import io.faultline.proto.wire.Completed;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Ping;
import io.faultline.proto.wire.Ready;
import io.faultline.proto.wire.Running;
import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SourceLifecycleTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final Frame READY =
      Frame.newBuilder().setReady(Ready.getDefaultInstance()).build();
  private static final Frame COMPLETED =
      Frame.newBuilder().setCompleted(Completed.getDefaultInstance()).build();

  private final List<String> done = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final SourceLifecycle source =
      new SourceLifecycle(new Recorded(), 10_000, 60 * SECOND, "127.0.0.1:1", 0);
  private final FrozenTree tree = treeOfThisProcess();
  private boolean frozen = true;
  private long now;

  private final class Recorded implements SourceEffects {
    @Override
    public void send(Frame frame) {
      done.add("send " + frame.getBodyCase());
    }

    @Override
    public void serve(FrozenTree served) {
      done.add("serve");
    }

    @Override
    public void disconnect(String reason) {
      done.add("disconnect " + reason);
    }

    @Override
    public void closeDump() {
      done.add("close dump");
    }

    @Override
    public void resetDump() {
      done.add("reset dump");
    }

    @Override
    public void kill(FrozenTree killed) {
      done.add("kill");
    }

    @Override
    public void log(String line) {
      lines.add(line);
    }

    @Override
    public void info(String line) {
      notes.add(line);
    }

    @Override
    public void ended(SourceOutcome outcome, String message) {
      done.add("ended " + outcome + ": " + message);
    }
  }

  private static FrozenTree treeOfThisProcess() {
    int self = (int) ProcessHandle.current().pid();
    ProcessEntry entry = Objects.requireNonNull(new ProcessTable().find(self));
    return Objects.requireNonNull(FrozenTree.open(List.of(entry), StopCheck.KERNEL));
  }

  @AfterEach
  void closeTree() {
    tree.close();
  }

  @Test
  void theProcessesAreAnnouncedOnceBothSidesAreThere() {
    source.connected(false, now);
    assertThat(take()).isEmpty();
    source.frozen(tree, now);
    assertThat(take()).containsExactly("serve", "send PROCESS_MEMORY");
    source.disconnected("cut");
    source.connected(false, now);
    assertThat(take()).containsExactly("send PROCESS_MEMORY");
  }

  @Test
  void runComesOnlyForReadyAndTheDumpIsClosedOnlyOnceThatIsConfirmed() throws Exception {
    serve();
    source.received(READY, () -> frozen);
    assertThat(take()).containsExactly("send RUN");
    assertThat(source.phase()).isEqualTo(SourcePhase.COMMITTED);
    source.received(COMPLETED, () -> frozen);
    assertThat(take()).containsExactly("send GOODBYE", "close dump");
    source.dumpEnded("", now);
    assertThat(take()).isEmpty();
    source.disconnected("closed");
    assertThat(take()).containsExactly("ended MOVED: the destination has all pages");
  }

  @Test
  void afterRunTheProcessesNeverContinueByThemselves() throws Exception {
    serve();
    source.received(READY, () -> frozen);
    source.disconnected("cut");
    take();
    pass(1000);
    assertThat(take()).isEmpty();
    source.connected(false, now);
    source.received(READY, () -> frozen);
    assertThat(take()).containsExactly("send PROCESS_MEMORY", "send RUN");
    source.received(COMPLETED, () -> frozen);
    assertThat(take()).contains("close dump");
  }

  @Test
  void theUserLetsThemContinueOnlyOnceTheDestinationHasEndedItsOwn() throws Exception {
    serve();
    source.release("stopped");
    assertThat(take()).containsExactly("send FAILURE");
    assertThat(lines)
        .containsExactly(
            "stopped; they continue here once the destination has ended its own, or is gone for"
                + " longer than 10.0 s");
    source.received(READY, () -> frozen); // it was on the way
    assertThat(take()).isEmpty();
    source.received(failure("ended"), () -> frozen);
    assertThat(take())
        .containsExactly("disconnect the processes continue at the source: stopped", "reset dump");
    source.dumpEnded("", now);
    assertThat(take()).containsExactly("ended RELEASED: stopped");
  }

  @Test
  void aDestinationThatIsAwayWhenTheUserEndsThisSideIsToldWhenItIsBack() throws Exception {
    serve();
    source.disconnected("cut");
    source.release("stopped");
    take();
    pass(5);
    source.connected(false, now);
    source.heard(now);
    assertThat(take()).containsExactly("send FAILURE");
    source.disconnected("cut");
    pass(9);
    assertThat(take()).isEmpty();
    pass(2);
    assertThat(take()).contains("reset dump");
    source.dumpEnded("", now);
    assertThat(take())
        .containsExactly(
            "ended RELEASED: stopped, and the destination is gone for longer than 10.0 s");
  }

  @Test
  void withoutALeaseOnlyTheDestinationOrTheUserLetsThemContinue() {
    SourceLifecycle endless =
        new SourceLifecycle(new Recorded(), 0, 60 * SECOND, "127.0.0.1:1", now);
    endless.frozen(tree, now);
    endless.connected(false, now);
    endless.disconnected("cut");
    take();
    endless.release("stopped");
    for (int i = 0; i < 1000; i++) {
      now += SECOND;
      endless.tick(now);
    }
    assertThat(take()).containsExactly("send FAILURE");
    lines.clear();
    endless.release("stopped again");
    assertThat(take()).contains("reset dump");
    assertThat(lines)
        .containsExactly(
            "the processes continue here at once: see that those at the destination end");
  }

  @Test
  void withoutADestinationTheUserLetsThemContinueAtOnce() {
    source.frozen(tree, now);
    take();
    source.release("stopped");
    assertThat(take()).contains("reset dump");
  }

  @Test
  void aDestinationThatOwnsTheProcessesKeepsThemThoughTheUserEndsThisSide() throws Exception {
    serve();
    source.disconnected("cut");
    source.release("stopped");
    take();
    source.connected(true, now);
    assertThat(take()).containsExactly("send PROCESS_MEMORY");
    pass(1000);
    source.received(COMPLETED, () -> frozen);
    assertThat(take()).containsExactly("send GOODBYE", "close dump");
  }

  @Test
  void afterRunTheUserCannotLetThemContinueEither() throws Exception {
    serve();
    source.received(READY, () -> frozen);
    take();
    source.release("stopped");
    assertThat(take().getLast()).startsWith("ended LEFT: stopped; the processes stay frozen");
  }

  @Test
  void beforeRunTheyContinueWhenTheLeaseIsOver() {
    serve();
    source.disconnected("cut");
    pass(9);
    assertThat(take()).isEmpty();
    pass(2);
    assertThat(take()).contains("reset dump").doesNotContain("close dump");
    source.dumpEnded("", now);
    assertThat(take().getLast()).startsWith("ended RELEASED");
  }

  @Test
  void aDestinationThatNeverConnectsIsWaitedForAloud() {
    source.frozen(tree, now);
    assertThat(notes).containsExactly("1 frozen process is served, beside the dump at 127.0.0.1:1");
    pass(6);
    assertThat(lines)
        .containsExactly(
            "waiting for the destination to connect: 5 s so far; the processes stay frozen until"
                + " then; end this command to let them continue here");
  }

  @Test
  void theUserLearnsWhetherTheProcessesWillContinueHere() throws Exception {
    serve();
    source.disconnected("cut");
    pass(6);
    assertThat(lines).hasSize(2);
    assertThat(lines.getLast()).endsWith("after 10 s the processes continue here");
    source.connected(false, now);
    source.received(READY, () -> frozen);
    source.disconnected("cut");
    lines.clear();
    pass(60);
    assertThat(lines)
        .isNotEmpty()
        .allMatch(line -> line.endsWith("the processes stay frozen as long as it takes"));
  }

  @Test
  void framesKeepTheLease() throws Exception {
    serve();
    for (int i = 0; i < 10; i++) {
      pass(5);
      source.heard(now);
      source.received(
          Frame.newBuilder().setPing(Ping.newBuilder().setSourceNanos(1)).build(), () -> frozen);
    }
    assertThat(take()).hasSize(10).containsOnly("send PONG");
  }

  @Test
  void processesThatRanAreNotCommitted() throws Exception {
    serve();
    frozen = false;
    source.received(READY, () -> frozen);
    assertThat(take())
        .containsExactly(
            "disconnect the processes are not frozen any more: the dump has ended",
            "ended LEFT: the processes are not frozen any more: the dump has ended");
  }

  @Test
  void aDestinationThatFailsAfterRunOwnsTheDecision() throws Exception {
    serve();
    source.received(READY, () -> frozen);
    take();
    source.received(failure("killed"), () -> frozen);
    assertThat(take()).contains("reset dump");
  }

  @Test
  void aDestinationThatGotRunFromAnEarlierProgramCanComplete() throws Exception {
    serve();
    source.received(COMPLETED, () -> frozen);
    assertThat(take()).containsExactly("send GOODBYE", "close dump");
  }

  @Test
  void processesOfADestinationThatSaysThatItGotRunNeverContinueByThemselves() throws Exception {
    source.frozen(tree, now);
    source.connected(true, now);
    source.disconnected("cut before COMPLETED");
    assertThat(take()).containsExactly("serve", "send PROCESS_MEMORY");
    pass(1000);
    assertThat(take()).isEmpty();
    source.connected(true, now);
    source.received(COMPLETED, () -> frozen);
    assertThat(take()).contains("send GOODBYE", "close dump");
  }

  @Test
  void aClaimBeforeTheProcessesAreFoundIsKept() {
    source.connected(true, now);
    source.disconnected("cut");
    source.frozen(tree, now);
    pass(1000);
    assertThat(source.phase()).isEqualTo(SourcePhase.COMMITTED);
    source.release("stopped");
    assertThat(take())
        .containsExactly(
            "serve",
            "disconnect stopped; the processes stay frozen here, since the destination has all"
                + " pages",
            "ended LEFT: stopped; the processes stay frozen here, since the destination has all"
                + " pages");
  }

  @Test
  void processesOfADumpThatDoesNotAnswerAreKilledSinceTheDestinationHasThem() throws Exception {
    serve();
    source.received(COMPLETED, () -> frozen);
    take();
    source.dumpEnded("criu dump at 127.0.0.1:1: Connection refused", now);
    source.disconnected("closed");
    assertThat(take())
        .containsExactly(
            "kill",
            "ended MOVED: the destination has all pages, but criu dump at 127.0.0.1:1: Connection"
                + " refused: its processes were killed; end it if it still runs");
  }

  @Test
  void processesOfADumpThatCannotBeResetAreLeftAlone() {
    source.frozen(tree, now);
    source.release("stopped");
    take();
    source.dumpEnded("criu dump at 127.0.0.1:1: Connection refused", now);
    assertThat(take())
        .containsExactly(
            "ended LEFT: stopped, but criu dump at 127.0.0.1:1: Connection refused: see whether the"
                + " processes run, and end the dump if not");
  }

  @Test
  void goodbyeIsRepeatedForADestinationThatDidNotGetIt() throws Exception {
    serve();
    source.received(COMPLETED, () -> frozen);
    source.disconnected("cut");
    source.connected(false, now);
    source.received(COMPLETED, () -> frozen);
    assertThat(take())
        .containsExactly("send GOODBYE", "close dump", "send PROCESS_MEMORY", "send GOODBYE");
  }

  @Test
  void aDestinationThatDidNotGetTheReasonGetsItWhenItConnectsAgain() {
    serve();
    source.thawed("process 7 is not frozen any more");
    source.disconnected("cut");
    take();
    source.connected(false, now);
    assertThat(take()).containsExactly("disconnect process 7 is not frozen any more");
  }

  @Test
  void nothingIsServedOnceTheProcessesContinue() {
    source.frozen(tree, now);
    source.release("stopped");
    take();
    source.connected(false, now);
    assertThat(take()).containsExactly("disconnect stopped");
    source.dumpEnded("", now);
    assertThat(take()).containsExactly("ended RELEASED: stopped");
  }

  @Test
  void itGivesUpIfTheProcessesAreNotFrozenInTime() {
    source.notFrozen("criu dump to freeze process 5 (x)", now);
    pass(61);
    assertThat(take().getLast())
        .isEqualTo("ended LEFT: waited 60 s for criu dump to freeze process 5 (x)");
  }

  @Test
  void framesOutOfPlaceAreRefused() {
    assertThatThrownBy(() -> source.received(READY, () -> frozen))
        .isInstanceOf(WireException.class)
        .hasMessage("READY before the processes were announced");
    assertThatThrownBy(() -> source.received(COMPLETED, () -> frozen))
        .isInstanceOf(WireException.class);
    serve();
    Frame running = Frame.newBuilder().setRunning(Running.getDefaultInstance()).build();
    assertThatThrownBy(() -> source.received(running, () -> frozen))
        .hasMessage("a RUNNING from a destination");
  }

  private static Frame failure(String why) {
    return Frame.newBuilder().setFailure(Failure.newBuilder().setMessage(why)).build();
  }

  private void serve() {
    source.frozen(tree, now);
    source.connected(false, now);
    take();
  }

  private void pass(int seconds) {
    for (int i = 0; i < 10 * seconds; i++) {
      now += SECOND / 10;
      source.tick(now);
    }
  }

  private List<String> take() {
    List<String> all = List.copyOf(done);
    done.clear();
    return all;
  }
}
