package io.faultline.dest;

import io.faultline.proto.DirectReads;
import io.faultline.proto.SendQueueLimit;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.accept.Peer;
import io.faultline.proto.wire.Role;
import io.netty.channel.Channel;
import java.io.IOException;

/**
 * Gives each accepted connection to the session of its attempt: the first control connection begins
 * the migration, that of a later attempt replaces the session.
 *
 * <p>Confined to the control loop, except for methods that say otherwise.
 */
final class IncomingConnections {
  private final IncomingDispatcher dispatcher;
  private final IncomingLink link;
  private final IncomingVm vm;
  private final DestinationSettings settings;
  private final DestinationLoops loops;
  private final IncomingMemory memory;
  private final IncomingCounters counters;

  /**
   * @param link what the state machine acts through
   */
  IncomingConnections(
      IncomingDispatcher dispatcher,
      IncomingLink link,
      IncomingVm vm,
      DestinationSettings settings,
      DestinationLoops loops,
      IncomingMemory memory,
      IncomingCounters counters) {
    this.dispatcher = dispatcher;
    this.link = link;
    this.vm = vm;
    this.settings = settings;
    this.loops = loops;
    this.memory = memory;
    this.counters = counters;
  }

  /** Any thread: an accepted connection is registered with the loop of its role. */
  void connected(Channel channel, Peer peer, IncomingSession of) {
    dispatcher.later(() -> take(channel, peer, of));
  }

  /** Any thread: a connection has ended. */
  void lost(IncomingSession from, boolean isControl, Throwable cause) {
    if (cause instanceof DamagedPagesException) {
      counters.damagedRuns.increment();
    }
    String why = from.ended(isControl, cause);
    if (!Transport.isRecoverable(cause)) {
      dispatcher.failed(why);
    } else {
      dispatcher.onMigration(from, migration -> migration.lost(why, isControl, dispatcher.now()));
    }
  }

  private void take(Channel channel, Peer peer, IncomingSession of) {
    boolean isControl = peer.hello().getRole() == Role.ROLE_CONTROL;
    IncomingMigration migration = dispatcher.migration();
    if (dispatcher.state().isFinal() || (!isControl && of != dispatcher.session())) { // too late
      channel.close();
      return;
    }
    if (!isControl) {
      takeBulk(channel, peer, of);
    } else if (migration == null) {
      begin(channel, peer, of);
    } else {
      replaceSession(migration, channel, peer, of);
    }
    if (isControl && !channel.isActive()) { // it ended before it belonged to the session
      lost(of, isControl, new IOException("it was closed immediately"));
    }
  }

  private void takeBulk(Channel channel, Peer peer, IncomingSession of) {
    of.bulkConnected(channel);
    int channels = of.channels();
    loops
        .bulk()
        .execute(
            () -> {
              DirectReads.start(channel);
              SendQueueLimit.atReceiver(channel, counters.faults::sum, channels);
            });
    peer.answer(channel, settings.timeouts());
  }

  /** The first control connection: the migration begins. */
  private void begin(Channel channel, Peer peer, IncomingSession of) {
    long now = dispatcher.now();
    SourceLiveness source = SourceLiveness.of(settings, peer.hello().getSilenceMillis(), now);
    of.owner(peer);
    dispatcher.begin(new IncomingMigration(vm, link, counters, source, now), of);
    of.controlConnected(channel);
    dispatcher.publish(false);
    peer.answer(channel, settings.timeouts());
  }

  /** The connections of a later attempt replace all earlier ones. */
  private void replaceSession(
      IncomingMigration of, Channel control, Peer peer, IncomingSession next) {
    IncomingSession before = dispatcher.session();
    if (before != null && !before.isClosed()) {
      of.lost("the source has connected again", true, dispatcher.now());
      dispatcher.publish(false);
    }
    dispatcher.replaceSession(next);
    next.controlConnected(control);
    loops
        .bulk()
        .execute(
            () -> {
              memory.fenceBulk();
              dispatcher.onMigration(next, migration -> resume(migration, control, peer, next));
            });
  }

  private void resume(IncomingMigration of, Channel control, Peer peer, IncomingSession with)
      throws WireException {
    memory.takeFrom(with, new BulkEvents(dispatcher, with));
    of.reconnected(peer.hello().getSilenceMillis(), dispatcher.now());
    peer.answer(control, settings.timeouts());
  }
}
