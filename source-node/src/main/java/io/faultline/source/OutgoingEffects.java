package io.faultline.source;

import io.faultline.memory.Placement;
import io.faultline.proto.Capability;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.connect.ReconnectSchedule;
import io.faultline.proto.wire.Frame;
import io.faultline.source.recording.OutgoingRecording;
import java.util.concurrent.TimeUnit;

/**
 * Carries out what the state machine decides, on the connections of the current session and on both
 * loops. Confined to the control loop.
 */
final class OutgoingEffects implements OutgoingLink {
  private final OutgoingDispatcher dispatcher;
  private final OutgoingLoops loops;
  private final OutgoingAttempts attempts;
  private final OutgoingRegions regions;
  private final PeerTimeouts timeouts;
  private final ReconnectSchedule reconnectSchedule;

  OutgoingEffects(
      OutgoingDispatcher dispatcher,
      OutgoingLoops loops,
      OutgoingAttempts attempts,
      OutgoingRegions regions,
      PeerTimeouts timeouts,
      ReconnectSchedule reconnectSchedule) {
    this.dispatcher = dispatcher;
    this.loops = loops;
    this.attempts = attempts;
    this.regions = regions;
    this.timeouts = timeouts;
    this.reconnectSchedule = reconnectSchedule;
  }

  @Override
  public void send(Frame frame) {
    dispatcher.session().send(frame);
  }

  @Override
  public boolean canSendStateParts() {
    return dispatcher.session().agreed().contains(Capability.STATE_PARTS);
  }

  @Override
  public void sendRun() {
    dispatcher.session().sendRun(regions.neededFirst());
  }

  @Override
  public void startRound(int round) {
    dispatcher.published().roundStarts(regions.dirtyBytes());
    dispatcher.onBulkLoop(stream -> stream.sendRound(round, whenSent(round)));
  }

  @Override
  public void cutRound() {
    dispatcher.session().cutRound();
    dispatcher.pushBulk(); // it may be paused
  }

  @Override
  public boolean canDiscardAhead() {
    return dispatcher.migration().settings().placement() == Placement.COPY
        && dispatcher.session().agreed().contains(Capability.DISCARD_AHEAD);
  }

  @Override
  public void discardAhead(int round) {
    dispatcher.onBulkLoop(stream -> stream.discardAhead(round, whenSent(round)));
  }

  private Runnable whenSent(int round) {
    OutgoingMigration migration = dispatcher.migration();
    Runnable sent =
        dispatcher.guarded(() -> migration.handover().rounds().sent(round, dispatcher.now()));
    return () -> loops.control().execute(sent);
  }

  @Override
  public void sendDiscards() {
    dispatcher.onBulkLoop(BulkStream::sendDiscards);
  }

  @Override
  public void startBackgroundScan() {
    OutgoingSession of = dispatcher.session();
    of.setBulkTimeout(timeouts.silenceMillis());
    Runnable whenDone = dispatcher.guarded(() -> backgroundDone(of));
    dispatcher.onBulkLoop(stream -> stream.sendBackground(() -> loops.control().execute(whenDone)));
  }

  private void backgroundDone(OutgoingSession of) {
    if (of == dispatcher.session()) {
      dispatcher.migration().backgroundDone(of.urgentPages(), dispatcher.now());
    }
  }

  @Override
  public void memoryShort(boolean isShort) {
    dispatcher.session().setMemoryShort(isShort);
  }

  @Override
  public void disconnect() {
    dispatcher.session().close();
    dispatcher.published().connected(0);
    long delay = reconnectSchedule.retryNanos() - dispatcher.now();
    loops.control().schedule(dispatcher.guarded(dispatcher::tick), delay, TimeUnit.NANOSECONDS);
  }

  @Override
  public void connect(int attempt, int address) {
    attempts.start(attempt, address);
  }

  @Override
  public void ended() {
    dispatcher.publish();
    record(dispatcher.migration());
    dispatcher.session().closeWhenSent();
    dispatcher.published().connected(0);
    dispatcher.result().complete(dispatcher.report());
  }

  private static void record(OutgoingMigration migration) {
    OutgoingRecording recording = migration.settings().recording();
    if (recording != null) {
      recording.ended(
          migration.times().milestones(migration.handover().clockOffset().offsetNanos()));
    }
  }
}
